/**
 * The small words of the house's schemas: a size, an address, a name, a secret. Each says its rule and its fix itself
 * (`rule - fix`), so that a problem can be shown without knowing the schema. Pure.
 */
import { z } from "zod";
import { parseSize, SIZE_RULE, type Size } from "../values/size";

const MIB = 1024 ** 2;

/** A DNS label: what a VM's short name, a domain's part and a service's folder have in common. */
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;
const SIZE_TEXT = /^\d+(\.\d+)?\s*(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)$/;

const sizeMessage = `${SIZE_RULE} - write the unit that is meant`;

/** A size with its unit, kept as people wrote it but for blanks. */
export const size = z
  .string({ error: sizeMessage })
  .regex(SIZE_TEXT, { error: sizeMessage, abort: true })
  .refine((text) => parseSize(text) !== undefined, {
    error: "a size is a whole number of bytes, 8 PiB at most - round it, or take a smaller unit",
  })
  .transform((text) => text.replace(/\s/g, "") as Size);

/** A size that is more than nothing. */
export const room = size.refine((text) => parseSize(text) !== 0, { error: "is no room at all - give more than 0" });

/** RAM of a VM: Proxmox counts it in whole MiB. */
export const memory = size.refine((text) => (parseSize(text) ?? 0) % MIB === 0, {
  error: "Proxmox counts RAM in whole MiB - use MiB or GiB: 512MiB, 8GiB",
});

const addressMessage =
  "an address is a host's part of the network, or four numbers with dots - write 172 or 192.168.86.172";

/** A host's part of the network (`172`), or a dotted IPv4 address. */
export const address = z.union(
  [z.int({ error: addressMessage }).positive({ error: addressMessage }), z.ipv4({ error: addressMessage })],
  { error: addressMessage },
);

export const label = z
  .string()
  .regex(LABEL, { error: "a name is small letters, digits and hyphens, 63 at most - rename it: emby, paperless-ngx" });

export const domain = z
  .string()
  .regex(DOMAIN, { error: "a domain is names with dots between, in small letters - write it as infinity-node.com" });

/** A time zone by its name in the IANA database. */
export const timezone = z.string().regex(/^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/, {
  error: "a time zone is a name of the IANA database - write Europe/Berlin",
});

/** An absolute path on a server. */
export const absolutePath = z
  .string()
  .regex(/^\/[^\s,]*$/, { error: "a path starts with / and has no blank or comma - write the whole path" });

const secretMessage = "a secret is a text that isn't empty - set it with `pulumi config set --secret --path`";

/**
 * A secret. The house knows only that it is given: its value is the provider's, which gets it from the engine. In a
 * stack file it stands as `secure:` (`pulumi config set --secret`).
 */
export const secret = z
  .union(
    [z.string({ error: secretMessage }).min(1, { error: secretMessage }), z.strictObject({ secure: z.string() })],
    {
      error: secretMessage,
    },
  )
  .transform(() => true as const);
