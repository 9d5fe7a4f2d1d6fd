/**
 * Each call that changes something fails in each way, and the same is done again, as the engine does it: what was made
 * is known by what the plugin said, and by nothing else.
 */
import { pluginDefinitions } from "../../../lab/clouds/plugins/definitions";
import { Plugin } from "../../../lab/clouds/plugins/plugin";
import { HalfMade } from "../../../lab/clouds/plugins/resource";
import type { Plain } from "../../../lab/clouds/plugins/values";
import { startClouds, type LabClouds } from "../../../lab/clouds/server";
import { LAB_CLOUDS } from "../../../lab/clouds/world";
import type { FaultKind } from "../../../lab/proxmox/faults";

const { zone, domain, digitaloceanToken, cloudflareToken } = LAB_CLOUDS;
const DROPLET = "digitalocean:index/droplet:Droplet";
const FIREWALL = "digitalocean:index/firewall:Firewall";
const RESERVED = "digitalocean:index/reservedIp:ReservedIp";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";

const KINDS: readonly FaultKind[] = [
  { kind: "drop-before" },
  { kind: "drop-after" },
  { kind: "status", status: 503 },
  { kind: "status", status: 429 },
];

const everywhere = ["0.0.0.0/0"];
const rules = (ports: readonly string[]) =>
  ports.map((portRange) => ({ protocol: "tcp", portRange, sourceAddresses: everywhere }));

/** What a house asks, in the order of its graph. */
const houseOf = (size: string, ports: readonly string[], ttl: number) =>
  [
    [DROPLET, () => ({ name: "it", size, region: "nyc1", image: "debian-12-x64" })],
    [FIREWALL, (id: number) => ({ name: "it", dropletIds: [id], inboundRules: rules(ports) })],
    [RESERVED, (id: number) => ({ region: "nyc1", dropletId: id })],
    [RECORD, () => ({ zoneId: zone, name: domain, type: "A", content: "203.0.113.9", ttl, proxied: false })],
  ] as const;

let clouds: LabClouds;
let plugins: readonly Plugin[];
let state: Map<string, { id: string; inputs: Plain; outputs: Plain }>;

beforeEach(async () => {
  clouds = await startClouds();
  state = new Map();
  const configs: Readonly<Record<string, Plain>> = {
    digitalocean: { token: digitaloceanToken, apiEndpoint: clouds.apiEndpoint },
    cloudflare: { apiToken: cloudflareToken, baseUrl: clouds.baseUrl },
  };
  plugins = pluginDefinitions().map((definition) => {
    const plugin = new Plugin(definition);
    plugin.configure(configs[definition.name] ?? {});
    return plugin;
  });
});
afterEach(() => clouds.close());

/** One `up --refresh`: what is known is looked at first. */
async function up(house: ReturnType<typeof houseOf>): Promise<void> {
  for (const [token, inputsOf] of house) {
    const plugin = plugins.find(({ definition }) => token.startsWith(definition.name));
    if (!plugin) throw new Error(`no plugin for ${token}`);
    const inputs: Plain = inputsOf(Number(state.get(DROPLET)?.id));
    const before = state.get(token);
    const known = before && (await plugin.read(token, before.id, before.inputs));
    if (known === undefined) {
      try {
        state.set(token, { ...(await plugin.create(token, inputs, false)), inputs });
      } catch (error) {
        // The engine records what the program asked, whatever became of it.
        if (error instanceof HalfMade) state.set(token, { id: error.id, inputs, outputs: {} });
        throw error;
      }
    } else if (plugin.diff(token, known.inputs, inputs).changed.length > 0) {
      const outputs = await plugin.update(token, known.id, inputs, known.inputs, known.outputs, false);
      state.set(token, { id: known.id, inputs, outputs });
    } else state.set(token, known);
  }
}

const there = () => {
  const { droplets, firewalls, reservedIps } = clouds.world.digitalocean;
  const records = clouds.world.cloudflare.zones[zone]?.records ?? {};
  return [droplets, firewalls, reservedIps, records].map((all) => Object.keys(all).length);
};
const writes = (): string[] =>
  clouds.calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);

/** What a connection that breaks after the cloud acted leaves twice: the API has no word by which a call is known again. */
const TWICE: Readonly<Record<number, number>> = { 1: 0, 2: 1, 3: 2 };
const SMALL = houseOf("s-1vcpu-1gb", ["22"], 1);

describe.each(KINDS.map((fault) => [fault.kind === "status" ? String(fault.status) : fault.kind, fault] as const))(
  "%s",
  (_name, fault) => {
    // Droplet, firewall, reserved address and its assignment, record.
    test.each([1, 2, 3, 4, 5])("at call %i that makes something: the next run ends it", async (nth) => {
      clouds.faults.add({ ...fault, match: { method: "*", nth } });
      await expect(up(SMALL)).rejects.toThrow();
      expect(clouds.faults.pending).toEqual([]);
      const wanted = [1, 1, 1, 1];
      if (fault.kind === "drop-after" && nth === 5) {
        // Cloudflare takes no second one of the same content: it has to be taken over by its id.
        await expect(up(SMALL)).rejects.toThrow("81058");
      } else await up(SMALL);
      const twice = fault.kind === "drop-after" ? TWICE[nth] : undefined;
      expect(there()).toEqual(wanted.map((count, index) => (index === twice ? count + 1 : count)));
      const droplet = Number(state.get(DROPLET)?.id);
      const reserved = clouds.world.digitalocean.reservedIps[state.get(RESERVED)?.id ?? ""];
      expect(reserved?.dropletId).toBe(droplet);
    });

    // Off, resize, on; firewall; record.
    test.each([1, 2, 3, 4, 5])("at call %i that changes something: the next run ends it", async (nth) => {
      await up(SMALL);
      const large = houseOf("s-2vcpu-4gb", ["22", "443"], 300);
      clouds.calls.length = 0;
      clouds.faults.add({ ...fault, match: { method: "*", nth } });
      await expect(up(large)).rejects.toThrow();
      await up(large);
      expect(there()).toEqual([1, 1, 1, 1]);
      // Resized, and not turned on again: a look shows the size that was asked for, and power is nobody's input.
      const off = nth === (fault.kind === "drop-after" ? 2 : 3);
      expect(Object.values(clouds.world.digitalocean.droplets)).toMatchObject([{ size: "s-2vcpu-4gb", off }]);
      expect(Object.values(clouds.world.digitalocean.firewalls)[0]?.inbound).toHaveLength(2);
      expect(Object.values(clouds.world.cloudflare.zones[zone]?.records ?? {})).toMatchObject([{ ttl: 300 }]);
      const before = writes().length;
      await up(large);
      expect(writes()).toHaveLength(before);
    });
  },
);
