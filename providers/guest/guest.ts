/** What every resource on a guest has: the guest that it is on. Types and their shape, pure. */
import { z } from "zod";

/** How a guest is reached. Recorded, so that a refresh, which runs no program, finds it. */
export interface GuestRef {
  /** The VM's short name: what makes it this guest and no other. */
  readonly name: string;
  /** Dotted address or host name. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  /** Who logs in; root, or one that `sudo -n` works for. */
  readonly user: string;
  /** `SHA256:...`, or the public key itself. Left out: the first one seen is trusted. */
  readonly hostKey?: string;
}

export interface OnGuest {
  readonly host: GuestRef;
  /** Whether taking it out of the house takes it off the guest. @default false: it is forgotten */
  readonly deletable?: boolean;
}

const guestRef = z.strictObject({
  name: z.string().min(1),
  address: z.string().min(1),
  port: z.int().min(1).max(65535).optional(),
  user: z.string().min(1),
  hostKey: z.string().min(1).optional(),
});

/** Members that every guest resource's schema has. */
export const onGuest = { host: guestRef, deletable: z.boolean().optional() };

/** A path on the guest: one spelling, so that it can be an identity. */
export const guestPath = z
  .string()
  .regex(/^\/[^\0\n]*$/, { error: "an absolute path" })
  .refine(
    (path) =>
      path === "/" ||
      path
        .slice(1)
        .split("/")
        .every((part) => !["", ".", ".."].includes(part)),
    {
      error: "a path without empty, . or .. parts, and without a slash at its end",
    },
  );

export const fileMode = z
  .string()
  .regex(/^0[0-7]{3,4}$/, { error: 'permission bits in octal with a leading zero, as a text - write "0644"' });

/** A user or group of the guest, as useradd takes it (Debian's NAME_REGEX). */
export const accountName = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, { error: "a small letter or _ first, then letters, digits, _ and -, 32 at most" });

/** Whose a file is: a user or group by name, or by number where only a container knows the name. */
export const ownerName = z.union([accountName, z.string().regex(/^\d{1,10}$/)], {
  error: "a name of a user or group, or its number as a text",
});
