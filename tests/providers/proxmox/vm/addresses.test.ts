/** The addresses that a guest's agent tells: outputs, bounded, and never drift. Against the lab's Proxmox. */
import type { VmSpec } from "../../../../providers/proxmox/vm/args";
import { addressesOf, withAddresses } from "../../../../providers/proxmox/vm/addresses";
import { checkVm } from "../../../../providers/proxmox/vm/check";
import type { VmInputs, VmState } from "../../../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../../../providers/proxmox/vm/lifecycle";
import { vmListing } from "../../../../providers/proxmox/vm/listing";
import { startLab, type Lab } from "../lab";

const AGENT = /agent\/network-get-interfaces$/;

let lab: Lab;
let told: string[];
const vm = () => vmLifecycle({ client: () => lab.client, rootLogin: () => false, tell: (text) => told.push(text) });

beforeEach(async () => {
  lab = await startLab();
  told = [];
});
afterEach(() => lab.close());

function inputs(more: Partial<VmSpec> = {}): VmInputs {
  const spec: VmSpec = {
    ...{ node: "infinity-node", vmid: 100, uuid: "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10", name: "media" },
    ...{ memory: "1GiB", agent: true, agentAddresses: true, power: "running" },
    nics: { net0: { bridge: "vmbr0" }, net1: { bridge: "vmbr0" } },
    cloudInit: { storage: "local-lvm", addresses: { net0: { address: "192.168.86.9/24" } } },
    ...more,
  };
  const { inputs: checked, failures } = checkVm({}, spec, () => false);
  expect(failures).toEqual([]);
  return checked;
}

const asked = (): number =>
  lab.proxmox.calls.list.filter(({ path }) => path.endsWith("agent/network-get-interfaces")).length;
const silent = (times: number): void => {
  lab.proxmox.faults.add({
    match: { path: AGENT },
    kind: "status",
    status: 500,
    text: "QEMU guest agent is not running",
    times,
  });
};

test("a guest that was just started is waited for, and its addresses are an output", async () => {
  silent(2);
  const { outs } = await vm().create(inputs());
  expect(outs.addresses).toEqual({ net0: ["192.168.86.9"] });
  expect(asked()).toBe(3);
});

test("another address is no drift: what is compared stays the same, and a look takes note of it", async () => {
  const { id, outs } = await vm().create(inputs());
  const result = [
    {
      name: "ens18",
      "hardware-address": outs.macs.net0?.toLowerCase(),
      "ip-addresses": [{ "ip-address": "10.0.0.7" }],
    },
  ];
  const get = <T>(path: string, query?: never): Promise<T> =>
    path.endsWith("agent/network-get-interfaces") ? Promise.resolve({ result } as T) : lab.client.get<T>(path, query);
  const client = { ...lab.client, get };
  const other = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
  const seen = await other.read(id, outs);
  expect(seen.inputs).toEqual(inputs());
  expect(seen.props).toEqual({ ...outs, addresses: { net0: ["10.0.0.7"] } });
});

test("a guest that says nothing keeps the addresses that it had, and stops neither a look nor an update", async () => {
  const { id, outs } = await vm().create(inputs());
  silent(99);
  vmListing.forget(lab.client);
  const seen = await vm().read(id, outs);
  expect(seen.props?.addresses).toEqual({ net0: ["192.168.86.9"] });
  const updated = await vm().update(id, outs, inputs({ tags: ["media"] }));
  expect(updated.outs.addresses).toEqual({ net0: ["192.168.86.9"] });
  expect(told).toEqual([]);
});

test.each([
  ["that is off", { power: "stopped" }],
  ["that isn't asked for them", { agentAddresses: undefined }],
] as const)("a VM %s is not asked", async (_, more) => {
  const { id, outs } = await vm().create(inputs(more));
  await vm().read(id, outs);
  expect(asked()).toBe(0);
  expect(outs.addresses).toBeUndefined();
});

test("waiting for a guest that never answers is bounded, and said", async () => {
  const { outs } = await vm().create(inputs());
  silent(99);
  const asking = { client: lab.client, started: true, bootMs: 30, tell: (text: string) => told.push(text) };
  const state = await withAddresses({ ...outs, addresses: undefined }, asking);
  expect(state.addresses).toBeUndefined();
  expect(told).toEqual([expect.stringContaining("agentAddresses: the guest agent told none within 0.03 s")]);
});

test("that the credential may not ask is an error, not silence", async () => {
  const { outs } = await vm().create(inputs());
  lab.proxmox.faults.add({
    match: { path: AGENT },
    kind: "status",
    status: 403,
    text: "Permission check failed (/vms/100, VM.Monitor)",
  });
  const asking = { client: lab.client, started: false, tell: () => undefined };
  await expect(withAddresses(outs, asking)).rejects.toThrow("VM.Monitor");
});

test("by slot, whatever the guest calls its NICs; without its own bridges and what reaches nobody", () => {
  const state = {
    nics: { net0: { bridge: "vmbr0" }, net1: { bridge: "vmbr0", mac: "BC:24:11:00:00:02" } },
    macs: { net0: "BC:24:11:00:00:01" },
  } as Pick<VmState, "nics" | "macs">;
  const ip = (...addresses: string[]) => addresses.map((address) => ({ "ip-address": address }));
  const interfaces = [
    { name: "lo", "hardware-address": "00:00:00:00:00:00", "ip-addresses": ip("127.0.0.1", "::1") },
    { name: "docker0", "hardware-address": "02:42:ac:11:00:02", "ip-addresses": ip("172.17.0.1") },
    { name: "enp6s18", "hardware-address": "bc:24:11:00:00:02", "ip-addresses": ip("fe80::1", "fd00::2", "10.0.0.2") },
    { name: "enp6s19", "hardware-address": "bc:24:11:00:00:01" },
    { name: "tun0" },
  ];
  expect(addressesOf(state, interfaces)).toEqual({ net1: ["10.0.0.2", "fd00::2"] });
});

test("is refused without an agent", () => {
  const { failures } = checkVm({}, { ...inputs(), agent: undefined }, () => false);
  expect(failures).toEqual([
    { property: "agentAddresses", reason: "true: it is the guest agent that tells them - set agent: true too" },
  ]);
});
