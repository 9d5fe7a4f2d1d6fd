/**
 * The section `ssh`: how the program logs in to the guests. Stands in the engine's namespace of dynamic providers (see
 * load.ts), so that a refresh uses today's key. Pure.
 */
import { z } from "zod";
import { secret } from "../vocabulary";

const port = z.int().min(1).max(65535);

const auth = {
  key: secret.optional().meta({ description: "Private key in OpenSSH's form. Secret." }),
  keyFile: z.string().min(1).optional().meta({ description: "File with the private key: ~/.ssh/id_ed25519" }),
  passphrase: secret.optional().meta({ description: "The key's passphrase. Secret." }),
  agent: z.string().min(1).optional().meta({ description: "Socket of an SSH agent. Default: SSH_AUTH_SOCK" }),
};

export const sshSection = z
  .strictObject({
    ...auth,
    jump: z
      .strictObject({
        ...auth,
        address: z.string().min(1).meta({ description: "Name or address." }),
        port: port.optional().meta({ description: "Default: 22" }),
        user: z.string().min(1),
        hostKey: z
          .string()
          .min(1)
          .optional()
          .meta({ description: "SHA256:..., or the public key itself. Left out: an error says which it shows." }),
      })
      .optional()
      .meta({ description: "Host to go through to the guests. Default key: the guests'" }),
    hosts: z
      .record(z.string(), z.strictObject({ address: z.string().min(1).optional(), port: port.optional() }))
      .optional()
      .meta({ description: "Where a VM really answers, by its short name: a forwarded port." }),
  })
  .meta({ description: "How the program logs in to the guests. Default: an SSH agent" });
