/**
 * The part of today's configuration that a Proxmox connection is made of, as the engine hands it to a dynamic-provider
 * process. Validates shapes only; what the values mean is said beside their use. Pure.
 */
import { z } from "zod";
import type { Problem } from "../../values/problem";

// Other keys of the two sections are the house's business and pass through unread.
const sshSchema = z.object({
  address: z.string().optional(),
  port: z.number().optional(),
  user: z.string().optional(),
  key: z.string().optional(),
  keyFile: z.string().optional(),
  passphrase: z.string().optional(),
  hostKey: z.string().optional(),
});

export type SshSettings = z.infer<typeof sshSchema>;

const hypervisorSchema = z.object({
  node: z.string().optional(),
  address: z.union([z.number(), z.string()]).optional(),
  endpoint: z.string().optional(),
  tls: z.object({ fingerprint: z.string().optional(), caFile: z.string().optional() }).optional(),
  apiToken: z.string().optional(),
  user: z.string().optional(),
  password: z.string().optional(),
  ssh: sshSchema.optional(),
});

const networkSchema = z.object({ cidr: z.string().optional() });

export interface Settings {
  readonly hypervisor?: z.infer<typeof hypervisorSchema>;
  readonly network?: z.infer<typeof networkSchema>;
}

/** Reads `PULUMI_CONFIG`: a JSON object of texts, of which `hypervisor` and `network` are JSON themselves. */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings; problems: readonly Problem[] } {
  const config = parse("PULUMI_CONFIG", env.PULUMI_CONFIG, z.record(z.string(), z.unknown()));
  const hypervisor = parse("hypervisor", config.value?.hypervisor, hypervisorSchema);
  const network = parse("network", config.value?.network, networkSchema);
  return {
    settings: { hypervisor: hypervisor.value, network: network.value },
    problems: [config, hypervisor, network].flatMap(({ problems }) => problems),
  };
}

interface Parsed<T> {
  readonly value?: T;
  readonly problems: readonly Problem[];
}

/** Parses JSON text, or takes the value itself. Problems don't show the value, which may hold secrets. */
function parse<T>(path: string, value: unknown, schema: z.ZodType<T>): Parsed<T> {
  if (value === undefined || value === "") return { problems: [] };
  const json = typeof value === "string" ? parseJson(value) : value;
  if (json === undefined) {
    return { problems: [{ path, rule: "must be JSON", fix: "set it as structured configuration, not as plain text" }] };
  }
  const result = schema.safeParse(json);
  if (result.success) return { value: result.data, problems: [] };
  const problems = result.error.issues.map((issue) => ({
    path: [path, ...issue.path.map(String)].join("."),
    rule: issue.message,
    fix: "correct it in the stack's configuration",
  }));
  return { problems };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
