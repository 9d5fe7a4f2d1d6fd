/** What a stack has at Proxmox, inside its VMs and in the clouds, from `pulumi stack export --show-secrets`. Pure. */
import { z } from "zod";
import { CLOUD_TYPES, type CloudKind } from "../../providers/clouds/kinds";
import { INSIDE_KINDS, type InsideKind } from "../guestKinds";
import type { ProxmoxKind } from "./proxmoxKinds";

/** How the engine writes a secret in an exported state: this key with this value, and the value as JSON. */
const SECRET = { key: "4dabf18193072939515e22adb298388d", value: "1b47061264138c4ac30d75fd1eb44270" };

type Properties = Readonly<Record<string, unknown>>;

export interface RecordedResource {
  readonly kind: ProxmoxKind | CloudKind | InsideKind;
  /** Of the resource in the program: a VM's short name in the house, a storage's id, a name of the domain. */
  readonly name: string;
  readonly id: string;
  readonly project: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
  /** Paths of what is secret: never to be shown. */
  readonly secrets: readonly string[];
}

const properties = z.record(z.string(), z.unknown()).default({});
const Deployment = z.object({
  deployment: z.object({
    resources: z
      .array(
        z.object({
          urn: z.string(),
          type: z.string(),
          custom: z.boolean().default(false),
          delete: z.boolean().default(false),
          id: z.string().default(""),
          inputs: properties,
          outputs: properties,
        }),
      )
      .nullish(),
  }),
});

const isSecret = (value: object): value is { plaintext?: string } => (value as Properties)[SECRET.key] === SECRET.value;

/** The value without the engine's wrapping; the paths of what was wrapped are added to `found`. */
function bare(value: unknown, path: string, found: string[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) {
    found.push(path);
    return value.plaintext === undefined ? undefined : (JSON.parse(value.plaintext) as unknown);
  }
  if (Array.isArray(value)) return value.map((item: unknown) => bare(item, path, found));
  // The providers' own notes: __provider, __defaults.
  const members = Object.entries(value).filter(([name]) => !name.startsWith("__"));
  return Object.fromEntries(
    members.map(([name, member]) => [name, bare(member, path === "" ? name : `${path}.${name}`, found)]),
  );
}

const KINDS: ReadonlyMap<string, RecordedResource["kind"]> = new Map([
  ...(["Vm", "Storage", "DownloadedImage"] as const).map(
    (kind) => [`pulumi-nodejs:dynamic/proxmox:${kind}`, kind] as const,
  ),
  ...Object.entries(INSIDE_KINDS).map(([kind, { type }]) => [type, kind as InsideKind] as const),
  ...Object.entries(CLOUD_TYPES).map(([kind, type]) => [type, kind as CloudKind] as const),
]);

/** `others`: how many of kinds that are not looked at. */
export function recordedResources(exported: string): { resources: RecordedResource[]; others: number } {
  const all = Deployment.parse(JSON.parse(exported)).deployment.resources ?? [];
  const custom = all.filter(({ type, ...resource }) => resource.custom && !type.startsWith("pulumi:"));
  const resources = custom.flatMap((resource): RecordedResource[] => {
    const kind = KINDS.get(resource.type);
    // One that is marked for deletion is on its way out already.
    if (kind === undefined || resource.delete) return [];
    const secrets: string[] = [];
    const [inputs, outputs] = [resource.inputs, resource.outputs].map(
      (value) => bare(value, "", secrets) as Properties,
    );
    // urn:pulumi:STACK::PROJECT::TYPES::NAME
    const [, project = "", , name = ""] = resource.urn.split("::");
    return [
      {
        kind,
        name,
        id: resource.id,
        project,
        inputs: inputs ?? {},
        outputs: outputs ?? {},
        secrets: [...new Set(secrets)],
      },
    ];
  });
  return { resources, others: custom.length - resources.length };
}
