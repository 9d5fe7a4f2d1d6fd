/**
 * The section `hypervisor`: the Proxmox node, how it is reached, and what it has. Stands in the engine's namespace of
 * dynamic providers (see load.ts). Pure.
 */
import { z } from "zod";
import { absolutePath, address, memory, secret } from "../vocabulary";
import { nodeSsh } from "./nodeSsh";

const fingerprintMessage =
  "a fingerprint is the certificate's SHA-256, 32 bytes in hex with colons - copy it from Proxmox: node, Certificates";

const endpointMessage =
  "an endpoint is https:// with host and port, without user, path or query - write https://192.168.86.106:8006";

const nodeMessage = "a node is named by a DNS label - write it as Proxmox shows it";

export const hypervisorSection = z
  .strictObject({
    node: z
      .string({ error: nodeMessage })
      .regex(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$/, { error: nodeMessage })
      .meta({ description: "The node's name in Proxmox." }),
    address: address.optional().meta({ description: "The node's host part of the network, or a dotted address." }),
    endpoint: z
      .string()
      .regex(/^https:\/\/([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?\/?$/, { error: endpointMessage })
      .optional()
      .meta({ description: "Where its API listens. Default: https://<address>:8006" }),
    version: z.string().optional().meta({ description: "Version of Proxmox VE, for people: 8.4.1" }),
    cpus: z.int().positive().optional().meta({ description: "Logical CPUs of the node." }),
    memory: memory.optional().meta({ description: "RAM of the node: 128GiB" }),
    tls: z
      .strictObject({
        fingerprint: z
          .string()
          .regex(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){31}$/, { error: fingerprintMessage })
          .optional()
          .meta({ description: "Pinned SHA-256 of the node's certificate, hex with colons." }),
        caFile: absolutePath.optional().meta({ description: "File with the CA that signed the node's certificate." }),
      })
      .optional()
      .meta({ description: "How the certificate is verified. Default: the system's CAs" }),
    apiToken: secret.optional().meta({ description: "user@realm!id=secret. Secret." }),
    user: z
      .string()
      .regex(/^[^\s:/!=@]+@[A-Za-z][A-Za-z0-9._-]+$/, { error: "a user is name@realm - write root@pam" })
      .optional()
      .meta({
        description: "Who logs in with the password: root@pam, who may also set what else takes hypervisor.ssh.",
      }),
    password: secret.optional().meta({ description: "The user's password. Secret." }),
    ssh: nodeSsh.optional(),
  })
  .meta({ description: "The Proxmox node that runs the house." });
