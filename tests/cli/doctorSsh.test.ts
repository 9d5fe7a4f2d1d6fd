/** `infinity doctor` over SSH: the node and the guests, each found to let us in or not, with what to do. */
import { checkSsh } from "../../cli/doctor/sshChecks";
import type { House } from "../../house/schema";
import { done } from "../../lab/ssh/command";
import { house, small } from "../house/support";
import { openBench, type Bench } from "../providers/ssh/host";

let bench: Bench;
beforeAll(async () => {
  bench = await openBench({ commands: [({ args: [program] }) => (program === "true" ? done() : undefined)] });
});
afterAll(() => bench.close());

const guest = (user: string) => ({ address: "10.0.0.9", guest: { user, hostKey: bench.lab.hostKey } });
const disks = { scsi0: { storage: "local-lvm", size: "8GiB" } };
const vm = (vmid: number, more: object) => ({ vmid, cpu: { cores: 1 }, memory: "1GiB", disks, ...more });

function houseOf(ssh: object, vms: object): House {
  return house(small({ hypervisor: { ssh: { hostKey: bench.lab.hostKey, ...ssh } }, vms }));
}

/** The node and all guests are the one host of the lab, by its port. */
function findings(parsed: House, ssh: object = {}) {
  const auth = bench.target.auth;
  if (auth.kind !== "key") throw new Error("the bench has a key");
  const { port } = bench.lab;
  const at = { one: { address: "127.0.0.1", port } };
  const node = { hostKey: bench.lab.hostKey, address: "127.0.0.1", port, key: auth.text, ...ssh };
  const config = {
    hypervisor: JSON.stringify({ node: "pve", endpoint: "https://127.0.0.1:8006", apiToken: "a@pve!b=c", ssh: node }),
    ssh: JSON.stringify({ key: auth.text, hosts: at }),
  };
  return checkSsh({ house: parsed, env: { PULUMI_CONFIG: JSON.stringify(config) }, timeoutMs: 5_000 });
}

test("who lets us in is fine", async () => {
  expect(await findings(houseOf({}, { one: vm(101, guest("deploy")) }))).toEqual([
    expect.objectContaining({
      what: "node pve",
      result: "fine",
      detail: expect.stringContaining("the pinned one") as string,
    }),
    expect.objectContaining({ what: "guest one", result: "fine" }),
  ]);
  expect(bench.lab.operations.filter(({ unknown }) => unknown)).toEqual([]);
});

test("another host key, a user without sudo: each is said with its fix, and the rest all the same", async () => {
  const other = `SHA256:${"A".repeat(43)}`;
  const parsed = houseOf({ hostKey: other }, { one: vm(101, guest("guest")) });
  const [node, one] = await findings(parsed, { hostKey: other });
  expect(node).toMatchObject({ what: "node pve", result: "wrong" });
  expect(node?.detail).toContain(other);
  expect(node?.fix).toMatch(/hostKey|ssh-keygen/);
  expect(one).toMatchObject({ what: "guest one", result: "wrong" });
  expect(`${one?.detail ?? ""} ${one?.fix ?? ""}`).toContain("sudo");
});

test("a house that uses neither is asked nothing", async () => {
  expect(await checkSsh({ house: house(small({})), env: {}, timeoutMs: 1_000 })).toEqual([]);
});
