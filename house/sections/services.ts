/** What runs on a VM: names of stacks, and which variant of one where it isn't the default. Pure. */
import { z } from "zod";
import { label } from "../vocabulary";

const message =
  "a service is called as its folder in stacks/, in small letters, digits and hyphens - write vpn, or vpn: nordlynx for a variant of it";

const chosen = z
  .record(label, label, { error: message })
  .refine((one) => Object.keys(one).length === 1, { error: message })
  .transform((one): StackUse => {
    const [[stack, variant] = ["", ""]] = Object.entries(one);
    return { stack, variant };
  });

/** One stack on one VM. */
export interface StackUse {
  /** Name of a folder in `stacks/`. */
  readonly stack: string;
  /** `nordlynx`: docker-compose.nordlynx.yml in it. @default docker-compose.yml */
  readonly variant?: string;
}

export const services = z
  .array(z.union([label.transform((stack): StackUse => ({ stack })), chosen], { error: message }))
  .default([])
  .meta({ description: "Its services: names of folders in stacks/. A variant of one stands behind it: vpn: nordlynx" });
