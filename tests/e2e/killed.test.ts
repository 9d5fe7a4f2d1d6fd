/**
 * `pulumi up` of a small whole house, killed at its changing calls, then run again as a person would: complete, nothing twice,
 * nothing lost, and no step by hand. `INFINITY_FULL=1` kills at every call, before and after, everybody and the engine alone.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { portrait, stray } from "../lifecycle/settled";
import {
  describeKill,
  infinityPulumi,
  killUp,
  locksOf,
  orphansEnded,
  restore,
  save,
  type Kill,
  type Saved,
} from "./killing";
import { openWorld, type Sections, type World } from "./world";

const FULL = process.env.INFINITY_FULL === "1";
jest.setTimeout(240_000);

const vm = (vmid: number, hostname: string, more: object = {}) => ({
  vmid,
  hostname,
  cpu: { cores: 1 },
  memory: "1GiB",
  disks: { scsi0: { storage: "local-lvm", size: "4GiB" } },
  ...more,
});

const shared = { type: "nfs", server: "192.168.86.43", export: "/volume1/house", content: ["images"] };
const thin = { type: "lvmthin", volumeGroup: "pve", thinPool: "data" };
const cloudInit = { storage: "local-lvm", user: "house" };

const before: Sections = {
  storages: { shared, "local-lvm": thin },
  vms: {
    media: vm(100, "media", {
      state: "stopped",
      disks: { scsi0: { storage: "local-lvm", size: "8GiB" }, scsi1: { storage: "shared", size: "2GiB" } },
    }),
    old: vm(103, "old", { deletable: true, state: "stopped" }),
  },
};

/** Two VMs and a storage more, a storage changed; a VM grown, a disk of it detached, one added, started; one VM removed. */
const after: Sections = {
  storages: {
    shared: { ...shared, content: ["images", "iso"] },
    "local-lvm": thin,
    backups: { type: "dir", path: "/srv/backups", content: ["backup"] },
  },
  vms: {
    media: vm(100, "media", {
      state: "running",
      memory: "2GiB",
      disks: { scsi0: { storage: "local-lvm", size: "12GiB" }, scsi2: { storage: "shared", size: "1GiB" } },
    }),
    arr: vm(101, "arr", { cloudInit, state: "running" }),
    misc: vm(102, "misc", {
      cloudInit,
      state: "stopped",
      disks: { scsi0: { storage: "local-lvm", size: "4GiB" }, scsi1: { storage: "shared", size: "1GiB" } },
    }),
  },
};

let world: World;
let saved: Saved;
/** As a run leaves it that nobody kills. */
let expected: { readonly portrait: object; readonly urns: string[] };

const urns = (): string[] => Object.keys(world.resources()).sort();

const checkpoint = (): { pending_operations?: unknown[] } => {
  const file = join(world.dir, "state", ".pulumi", "stacks", "infinity-node", `${world.stack.name}.json`);
  const text = readFileSync(file, "utf8");
  return (JSON.parse(text) as { checkpoint: { latest: { pending_operations?: unknown[] } } }).checkpoint.latest;
};

beforeAll(async () => {
  world = await openWorld("killed", before);
  await world.up();
  saved = save(world);
  world.describe(after);
  world.proxmox.calls.reset();
  await world.up();
  expected = { portrait: portrait(world.proxmox.world), urns: urns() };
  // One more where the storages' two changes meet: they share a file, and the later one is sent again.
  expect(world.proxmox.calls.writes).toBeGreaterThanOrEqual(CALLS);
});
afterAll(() => world.close());

/** Calls of the second run that change something: two storages, two VMs made, one changed, grown and started, one removed. */
const CALLS = 8;

const ways = Array.from({ length: CALLS }, (_, index) => index + 1).flatMap((nth) =>
  (["before", "after"] as const).flatMap((when) =>
    (["everybody", "the engine"] as const).map((who): Kill => ({ nth, when, who })),
  ),
);
/** In a short run a few, spread over the calls and the ways. */
const kills = FULL ? ways : [1, 11, 14, 20, 31].flatMap((index) => ways[index] ?? []);

test.each(kills.map((kill) => [describeKill(kill), kill] as const))("%s, the next run ends it", async (_, kill) => {
  restore(world, saved);
  const call = await killUp(world, kill);
  expect(locksOf(world)).toHaveLength(1);

  const { code, output } = await infinityPulumi(world, ["up", "--yes", "--skip-preview"]);
  expect({ call, code, output }).toMatchObject({
    code: 0,
    output: expect.stringContaining("its lock is released") as string,
  });
  expect(output).not.toContain("pending operations");
  expect({ call, ...portrait(world.proxmox.world) }).toEqual({ call, ...expected.portrait });
  expect(stray(world.proxmox.world)).toEqual({ orphans: [], lost: [] });
  expect(urns()).toEqual(expected.urns);
  expect(checkpoint().pending_operations ?? []).toEqual([]);
  expect(locksOf(world)).toEqual([]);
  expect(await orphansEnded(world)).toEqual([]);
  if (!FULL && kill !== kills.at(-1)) return;
  const { code: clean } = await infinityPulumi(world, ["preview", "--refresh", "--expect-no-changes"]);
  expect(clean).toBe(0);
});
