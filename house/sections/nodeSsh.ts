/** The part `hypervisor.ssh`: the node's SSH, by which is set what Proxmox lets only root set. Pure. */
import { z } from "zod";
import { secret } from "../vocabulary";

const HOST_KEY =
  /^(SHA256:[A-Za-z0-9+/]{43}=?|(\S+ )?(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,3}( .*)?)$/;

const hostKeyMessage =
  "the node's SSH key has to be known, SHA256:... or the public key itself - on the node: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";

export const nodeSsh = z
  .strictObject({
    address: z
      .string()
      .regex(/^[a-zA-Z0-9.:-]+$/, { error: "is neither a name nor an address - write 192.168.86.106" })
      .optional()
      .meta({ description: "Default: the API's" }),
    port: z.int().min(1).max(65535).optional().meta({ description: "Default: 22" }),
    user: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]*$/, { error: "is no user of Linux - write root, or one who may sudo qm" })
      .optional()
      .meta({ description: "root, or one who may run qm by sudo without a password. Default: root" }),
    hostKey: z
      .string({ error: hostKeyMessage })
      .regex(HOST_KEY, { error: hostKeyMessage })
      .meta({ description: "The node's SSH key: SHA256:..., or the public key itself." }),
    key: secret.optional().meta({ description: "Private key in OpenSSH's form. Secret." }),
    keyFile: z.string().min(1).optional().meta({
      description: "File with the private key: ~/.ssh/id_ed25519. Default: an SSH agent's keys",
    }),
    passphrase: secret.optional().meta({ description: "The key's passphrase. Secret." }),
  })
  .meta({
    description:
      "SSH on the node, for what Proxmox lets only root set: disks, PCI and USB devices of the host, args, hook scripts, CPU affinity.",
  });
