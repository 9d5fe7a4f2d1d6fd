/** What runs on a VM: names of stacks, and of one what is not as by default: its variant, and what becomes of it. Pure. */
import { z } from "zod";
import { label } from "../vocabulary";

const message =
  "a service is called as its folder in stacks/, in small letters, digits and hyphens - write vpn, or vpn: nordlynx for a " +
  "variant of it; with more words, vpn: { variant: nordlynx, deletable: true, deleteVolumes: true }";

const described = z.strictObject({
  variant: label.optional().meta({ description: "docker-compose.VARIANT.yml in its folder." }),
  deletable: z
    .boolean()
    .optional()
    .meta({
      description:
        "Whether taking it out of the house takes its containers away. Has to be in place in an earlier up. " +
        "Default: false, it is forgotten and runs on",
    }),
  deleteVolumes: z
    .boolean()
    .optional()
    .meta({ description: "With deletable: whether its named volumes go with it. Default: false" }),
});

const chosen = z
  .record(label, z.union([label, described]), { error: message })
  .refine((one) => Object.keys(one).length === 1, { error: message })
  .transform((one): StackUse => {
    const [[stack, more] = ["", {}]] = Object.entries(one);
    return { stack, ...(typeof more === "string" ? { variant: more } : more) };
  });

/** One stack on one VM. */
export interface StackUse {
  /** Name of a folder in `stacks/`. */
  readonly stack: string;
  /** `nordlynx`: docker-compose.nordlynx.yml in it. @default docker-compose.yml */
  readonly variant?: string;
  /** Whether taking it out of the house, in a later run, takes its containers away. @default false */
  readonly deletable?: boolean;
  /** With `deletable`: whether its named volumes go with it. @default false */
  readonly deleteVolumes?: boolean;
}

export const services = z
  .array(z.union([label.transform((stack): StackUse => ({ stack })), chosen], { error: message }))
  .default([])
  .meta({
    description:
      "Its services: names of folders in stacks/. Behind one stands its variant (vpn: nordlynx), or more about it " +
      "(newt: { deletable: true })",
  });
