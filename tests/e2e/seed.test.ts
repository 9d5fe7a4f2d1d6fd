/** The main job on the seed's own files: the whole house up, nothing left to change, no tracked file touched. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { madeOf } from "../../cli/made";
import { renderTree } from "../../cli/tree";
import { projectRoot } from "../support/shared";
import { openSeedWorld, type World } from "./world";

jest.setTimeout(240_000);

const TRACKED = ["Pulumi.yaml", "Pulumi.prod.yaml", "Pulumi.lab.yaml"];
const tracked = () => TRACKED.map((file) => readFileSync(join(projectRoot, file), "utf8"));

let world: World;
const before = tracked();

beforeAll(async () => {
  world = await openSeedWorld();
  // What a run that was killed leaves behind: a lock whose process is gone.
  const locks = join(world.dir, "state", ".pulumi", "locks", "organization", "infinity-node", "lab");
  mkdirSync(locks, { recursive: true });
  const holder = { pid: 2 ** 22 + 1, username: "x", hostname: hostname(), timestamp: new Date().toISOString() };
  writeFileSync(join(locks, "left-behind.json"), JSON.stringify(holder));
  await world.reopen();
  await world.up();
});
afterAll(() => world.close());

test("every VM of the seed is there, with its figures, the tunnel with its names, and nothing is left to change", async () => {
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  const made = madeOf(JSON.parse(await world.pulumi(["stack", "export"])));
  expect(made.vms.map(({ vmid }) => vmid)).toEqual([100, 101, 102, 103, 104, 105]);
  const tree = renderTree(made);
  for (const part of [
    "100  ininity-node-emby  running  192.168.86.172",
    "2 cores x86-64-v2-AES, 8GiB, 4GiB at least",
    "scsi0  82GiB on local-lvm",
    "scsi1  the host's /dev/disk/by-id/ata-LAB_4TB_0001",
    "nfs 192.168.86.43:/volume1/infinity-node",
    "pangolin.infinity-node.com  203.0.113.10",
    "emby.infinity-node.com        203.0.113.10",
  ]) {
    expect(tree).toContain(part);
  }
});

test("no tracked file was changed", () => {
  expect(tracked()).toEqual(before);
});

test("a renumbered subnet is one line, and its preview says what follows from it", async () => {
  world.override([["config", "pulumi-nodejs:network", "cidr"], "10.20.30.0/24"]);
  const said = await world.pulumi(["preview", "--diff"]);
  expect(said).toMatch(/storage NAS: server: 10\.20\.30\.43: Proxmox has 192\.168\.86\.43.*storage\.cfg/);
  for (const step of ["the router becomes 10.20.30.1", "VM 100 emby becomes 10.20.30.172"])
    expect(said).toContain(step);
  expect(said).toMatch(/server\s*: "192\.168\.86\.43" => "10\.20\.30\.43"/);
});
