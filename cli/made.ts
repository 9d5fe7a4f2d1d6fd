/** What a stack made, from its exported state (`pulumi stack export`): what the servers were last seen to have. Pure. */
import { z } from "zod";

const VmOutputs = z.object({
  vmid: z.number(),
  name: z.string(),
  status: z.string(),
  cpu: z.object({ cores: z.number(), sockets: z.number().optional(), type: z.string().optional() }).optional(),
  memory: z.string(),
  balloon: z.string().optional(),
  disks: z
    .record(z.string(), z.object({ storage: z.string(), size: z.string() }).or(z.object({ path: z.string() })))
    .default({}),
  pending: z.array(z.string()).default([]),
});

const StorageOutputs = z.discriminatedUnion("type", [
  z.object({ storage: z.string(), type: z.literal("dir"), path: z.string() }),
  z.object({ storage: z.string(), type: z.literal("lvmthin"), volumeGroup: z.string(), thinPool: z.string() }),
  z.object({ storage: z.string(), type: z.literal("nfs"), server: z.string(), export: z.string() }),
]);

const DropletOutputs = z.object({ size: z.string(), region: z.string(), image: z.string() });

const RecordOutputs = z.object({ name: z.string(), content: z.string() });

const ComposeOutputs = z.object({
  project: z.string(),
  host: z.object({ name: z.string() }),
  services: z.record(z.string(), z.object({ image: z.string(), state: z.string() })),
});

const StackOutputs = z.object({
  hypervisor: z.object({ node: z.string(), endpoint: z.string() }),
  addresses: z.record(z.string(), z.string()).default({}),
  tunnel: z.object({ name: z.string(), address: z.string() }).optional(),
  /** By VM, Compose stack and web interface. */
  services: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.string()))).default({}),
  notKnown: z.array(z.string()).default([]),
});

const Exported = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), type: z.string(), outputs: z.unknown().optional() })),
  }),
});

/** One Compose stack on its VM. */
export interface MadeService {
  readonly name: string;
  /** State by container; `up` is as it should be. */
  readonly states: Readonly<Record<string, string>>;
  /** Of its web interfaces. */
  readonly urls: readonly string[];
}

export type MadeVm = z.output<typeof VmOutputs> & {
  /** In the names' order. */
  readonly services: readonly MadeService[];
  /** Dotted address, where the house knows it. */
  readonly address?: string;
};

export type MadeStorage = z.output<typeof StorageOutputs>;

export type MadeTunnel = NonNullable<z.output<typeof StackOutputs>["tunnel"]> & z.output<typeof DropletOutputs>;

export interface Made {
  readonly hypervisor: z.output<typeof StackOutputs>["hypervisor"];
  readonly storages: readonly MadeStorage[];
  /** By VMID. */
  readonly vms: readonly MadeVm[];
  /** The tunnel's server, with the address that names point at. */
  readonly tunnel?: MadeTunnel;
  /** Addresses by name, in the names' order. */
  readonly names: readonly (readonly [name: string, address: string])[];
  readonly notKnown: readonly string[];
}

/**
 * @param exported the parsed JSON of `pulumi stack export`.
 * @throws ZodError where it is not a state of this program.
 */
export function madeOf(exported: unknown): Made {
  const { resources } = Exported.parse(exported).deployment;
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const { hypervisor, addresses, tunnel, services, notKnown } = StackOutputs.parse(
    ofType("pulumi:pulumi:Stack")[0]?.outputs,
  );
  const stacks = ofType("pulumi-nodejs:dynamic/compose:ComposeStack").map(({ outputs }) =>
    ComposeOutputs.parse(outputs),
  );
  const vms = ofType("pulumi-nodejs:dynamic/proxmox:Vm").map(({ urn, outputs }): MadeVm => {
    const short = urn.slice(urn.lastIndexOf("::") + 2);
    const own = stacks
      .filter(({ host }) => host.name === short)
      .map(({ project, services: containers }) => ({
        name: project,
        states: Object.fromEntries(Object.entries(containers).map(([name, { state }]) => [name, state])),
        urls: Object.values(services[short]?.[project] ?? {}),
      }));
    const sorted = own.sort((a, b) => a.name.localeCompare(b.name));
    return { ...VmOutputs.parse(outputs), services: sorted, address: addresses[short] };
  });
  const droplet = ofType("digitalocean:index/droplet:Droplet")[0];
  const records = ofType("cloudflare:index/dnsRecord:DnsRecord").map(({ outputs }) => RecordOutputs.parse(outputs));
  return {
    hypervisor,
    notKnown,
    tunnel: tunnel && droplet && { ...tunnel, ...DropletOutputs.parse(droplet.outputs) },
    names: records.map(({ name, content }) => [name, content] as const).sort(([a], [b]) => a.localeCompare(b)),
    storages: ofType("pulumi-nodejs:dynamic/proxmox:Storage").map(({ outputs }) => StorageOutputs.parse(outputs)),
    vms: vms.sort((a, b) => a.vmid - b.vmid),
  };
}
