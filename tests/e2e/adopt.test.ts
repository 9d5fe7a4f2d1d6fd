/** What exists is described and taken over without a write, and is the house's own from then on. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { engineConfig } from "../../cli/adopt/engineConfig";
import { takeOver, type TakeOver } from "../../cli/adopt/takeOver";
import { write } from "../../cli/adopt/write";
import { houseFrom } from "../../cli/readStack";
import { sectionsFromStackFile } from "../../house/load";
import { cloudsLook } from "../../providers/clouds/look";
import { ensureEngine } from "../../engine/engine";
import { run } from "../../engine/run";
import { houseNode } from "../../lab/proxmox/seeds";
import { projectRoot } from "../support/shared";
import { openWorld, TOKEN, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const NODE = "/nodes/infinity-node";
const EXIT_CHANGES = 7;

const house = (vms: object): Sections => ({ ...found, vms });

/** The house as it was found; `other` differs in its cores. */
let found: Sections;
let media: object;
let other: object;

let world: World;
let pulumi: TakeOver["pulumi"];

interface Outcome {
  readonly code: number;
  readonly said: string;
  readonly writes: number;
}

async function adopt(sections: Sections, withDifferences = false): Promise<Outcome> {
  world.describe(sections);
  const read = houseFrom(readFileSync(world.stack.configFile, "utf8"), "Pulumi.adopt.yaml", () => undefined);
  const said: string[] = [];
  world.proxmox.calls.reset();
  const env = await engineConfig(pulumi);
  const clouds = cloudsLook({}, {});
  const code = await takeOver({
    house: read.house,
    withDifferences,
    env,
    clouds,
    pulumi,
    print: (line) => said.push(line),
  });
  return { code, said: said.join("\n"), writes: world.proxmox.calls.writes };
}

const byHand = async (parameters: Readonly<Record<string, string | number>>): Promise<void> => {
  const upid = await world.hands.post<string>(`${NODE}/qemu`, { net0: "virtio,bridge=vmbr0", ...parameters });
  await world.hands.task(upid);
};
/** All that Proxmox keeps, its log of tasks aside; without one VM. */
function everything(except?: number): unknown {
  const { tasks, nextPid, vms, ...rest } = world.proxmox.world;
  const others = Object.entries(vms).filter(([vmid]) => Number(vmid) !== except);
  return JSON.parse(JSON.stringify({ ...rest, vms: Object.fromEntries(others) })) as unknown;
}

/** As `infinity adopt --write` does. */
async function describeWhatIsThere(): Promise<void> {
  const { url: endpoint, fingerprint } = world.proxmox;
  const file = join(world.dir, "Pulumi.found.yaml");
  const env = { PROXMOX_VE_API_TOKEN: TOKEN };
  world.proxmox.calls.reset();
  expect(await write({ file, force: false, endpoint, fingerprint, env, print: () => undefined })).toBe(0);
  expect(world.proxmox.calls.writes).toBe(0);
  found = sectionsFromStackFile(readFileSync(file, "utf8"), file).sections;
  const vms = found.vms as Readonly<Record<string, object>>;
  media = vms.media ?? {};
  other = { ...vms.other, cpu: { cores: 1 } };
}
const config = (vmid: number) => world.hands.get<Record<string, unknown>>(`${NODE}/qemu/${vmid}/config`);

beforeAll(async () => {
  const initial = houseNode();
  const { local } = initial.storages;
  if (local) local.properties.content = "import,iso";
  world = await openWorld("adopt", {}, { initial });
  const engine = await ensureEngine();
  pulumi = (args, env) =>
    run(join(engine.bin, "pulumi"), [...world.stack.arguments(args), "--non-interactive"], {
      cwd: projectRoot,
      env: { ...world.stack.env, ...env },
    });
  await byHand({ vmid: 100, name: "media", cores: 2, memory: 2048, scsi0: "local-lvm:8" });
  await byHand({ vmid: 101, name: "other", cores: 4, memory: 2048, scsi0: "local-lvm:4" });
  await describeWhatIsThere();
});
afterAll(() => world.close());

test("a VM that is not there is an error, and nothing at all is taken over", async () => {
  const { code, said, writes } = await adopt(house({ media, gone: { ...media, vmid: 109, hostname: "gone" } }));
  expect({ code, writes }).toEqual({ code: 1, writes: 0 });
  expect(said).toMatch(/nothing was taken over: VM 109 gone/);
  expect(await world.pulumi(["stack", "export"])).not.toContain("proxmox:");
});

test("what matches is taken over without a write, what differs is left out and said", async () => {
  const before = everything();
  const { code, said, writes } = await adopt(house({ media, other }));
  expect({ code, writes }).toEqual({ code: 7, writes: 0 });
  expect(said).toMatch(/cpu\.cores: is 4, the house says 1/);
  expect(said).toMatch(/left out: VM 101 other: differs/);
  const names = Object.keys(world.resources()).map((urn) => urn.split("::").at(-1));
  expect(names).toEqual(expect.arrayContaining(["media", "local-lvm"]));
  expect(names).not.toContain("other");
  expect(everything()).toEqual(before);
});

test("the preview after it is clean", async () => {
  world.describe(house({ media }));
  world.proxmox.calls.reset();
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  expect(world.proxmox.calls.writes).toBe(0);
});

test("taken over with its differences, it is changed by a later up that its preview shows", async () => {
  const { code, writes } = await adopt(house({ media, other }), true);
  expect({ code, writes }).toEqual({ code: 0, writes: 0 });
  expect(await config(101)).toMatchObject({ cores: 4 });
  expect(await world.pulumi(["preview", "--diff"])).toMatch(/cores\s*: 4 => 1/);
  const uuid = (await config(101)).smbios1;
  const before = everything(101);
  await world.up();
  expect(await config(101)).toMatchObject({ cores: 1, smbios1: uuid });
  expect(everything(101)).toEqual(before);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
});

test("what a VM began with doesn't matter any more: it is taken over without its image and its original", async () => {
  await byHand({ vmid: 102, name: "made", cores: 2, memory: 2048, scsi0: "local-lvm:3" });
  const scsi0 = { storage: "local-lvm", size: "3GiB", image: "debian" };
  const made = { ...media, vmid: 102, hostname: "made", disks: { scsi0 }, clone: { from: "other" } };
  const url = "https://cloud.debian.org/debian-12.qcow2";
  const images = { debian: { url, checksum: `sha256:${"0a".repeat(32)}`, storage: "local" } };
  const before = everything();
  const { code, said, writes } = await adopt({ ...house({ media, other, made }), images });
  expect({ code, writes }).toEqual({ code: 7, writes: 0 });
  expect(said).toContain("left out: image debian: not there");
  expect(everything()).toEqual(before);
  // The image is the house's as well, and a plain up's to download.
  expect(await world.pulumi(["preview"])).toMatch(/\+ 2 to create(?!.*to update)/s);
  const volid = "local:import/debian-12.qcow2";
  const file = {
    storage: "local",
    content: "import",
    format: "qcow2",
    size: 3 * 1024 ** 3,
    fileSize: 400_000_000,
  } as const;
  world.proxmox.world.volumes[volid] = { volid, ctime: 0, ...file };
  const again = await adopt({ ...house({ media, other, made }), images });
  expect(again).toMatchObject({ code: 0, writes: 0 });
  expect(again.said).toMatch(/^1 taken over/m);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
});

test("an edit by hand is seen, and another VM in its number is refused", async () => {
  await world.hands.put(`${NODE}/qemu/100/config`, { memory: 4096 });
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"], EXIT_CHANGES);
  await world.hands.task(await world.hands.delete<string>(`${NODE}/qemu/100`));
  await byHand({ vmid: 100, name: "stranger", cores: 2, memory: 2048, scsi0: "local-lvm:8" });
  world.proxmox.calls.reset();
  expect(await world.pulumi(["refresh", "--yes", "--skip-preview"], 1)).toMatch(/stranger.*is not this house's/s);
  expect(world.proxmox.calls.writes).toBe(0);
});
