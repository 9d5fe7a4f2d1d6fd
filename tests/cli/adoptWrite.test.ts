/** A house made from a Proxmox says what is there, and says what it leaves out. */
import { stripVTControlCharacters } from "node:util";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../cli/adopt/check";
import { write, type WriteOptions } from "../../cli/adopt/write";
import { houseFrom, providerEnvironment } from "../../cli/readStack";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";
import { cloudsLook } from "../../providers/clouds/look";
import { startLab, type Lab } from "../providers/proxmox/lab";

const NODE = "/nodes/infinity-node";
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB22T7mSdupIDLmTNnaPfhO9fP0xN4jMTY4ger6jaZMN me";

let lab: Lab;
let dir: string;
let file: string;
let said: string[];

const made = async (parameters: Readonly<Record<string, string | number>>): Promise<void> => {
  await lab.client.task(await lab.client.post<string>(`${NODE}/qemu`, parameters));
};

const options = (more: Partial<WriteOptions> = {}): WriteOptions => ({
  file,
  force: false,
  endpoint: lab.proxmox.url,
  fingerprint: lab.proxmox.fingerprint,
  network: "192.168.86.0/24",
  env: { PROXMOX_VE_API_TOKEN: `look@pve!trial=${LAB_TOKEN}` },
  print: (line) => said.push(stripVTControlCharacters(line)),
  ...more,
});

beforeAll(async () => {
  lab = await startLab();
  dir = mkdtempSync(join(tmpdir(), "infinity-write-"));
  file = join(dir, "Pulumi.found.yaml");
  await made({
    vmid: 100,
    name: "Media-1",
    description: "Films\nand series",
    tags: "prod;media",
    cores: 2,
    cpu: "x86-64-v2-AES",
    memory: 8192,
    balloon: 4096,
    scsihw: "virtio-scsi-single",
    scsi0: "local-lvm:82,iothread=1,aio=threads",
    scsi1: "/dev/disk/by-id/ata-X",
    net0: "virtio,bridge=vmbr0",
    ide2: "local-lvm:cloudinit",
    ciuser: "admin",
    sshkeys: encodeURIComponent(KEY),
    ipconfig0: "ip=192.168.86.172/24,gw=192.168.86.1",
    nameserver: "192.168.86.1",
    onboot: 1,
    agent: 1,
    vga: "std",
    hostpci0: "0000:01:00.0",
    start: 1,
  });
  await made({ vmid: 101, name: "plain", memory: 512, net0: "e1000,bridge=vmbr0,tag=20", scsi0: "local-lvm:4" });
  await made({ vmid: 102, name: "golden", memory: 512, scsi0: "local-lvm:4" });
  const golden = lab.proxmox.world.vms[102];
  if (golden) golden.config.template = "1";
  await made({ vmid: 103, memory: 1024, scsi0: "local-lvm:4" });
  await lab.client.put(`${NODE}/qemu/100/config`, { memory: 4096 });
  // As in the README: a user that only reads.
  const { users, tokens, acl } = lab.proxmox.world;
  users["look@pve"] = {};
  tokens["look@pve!trial"] = { secret: LAB_TOKEN, privsep: false };
  acl.push({ path: "/", type: "user", ugid: "look@pve", roleid: "PVEAuditor", propagate: true });
  lab.calls();
});
afterAll(async () => {
  await lab.close();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  said = [];
});

/** The house of a file beside the same Proxmox. */
async function checked(): Promise<{ code: number; said: string }> {
  const { house, sections } = houseFrom(readFileSync(file, "utf8"), file, () => undefined);
  const env = { ...providerEnvironment(sections), ...options().env };
  const lines: string[] = [];
  return {
    code: await check({ house, env, clouds: cloudsLook({}, {}), print: (line) => lines.push(line) }),
    said: stripVTControlCharacters(lines.join("\n")),
  };
}

test("the file is a house that says what is there, and Proxmox was only read", async () => {
  expect(await write(options())).toBe(0);
  expect(said[0]).toMatch(/VMs: 3, storages: 2, left out with a comment: 6/);
  const { said: found } = await checked();
  expect(found).toMatch(/= storage local-lvm\n= VM 100 media-1\n= VM 101 plain\n~ VM 103 vm-103\n +name: is none/);
  expect(lab.writes()).toEqual({});
});

test("what it leaves out stands beside its VM, or after all of them", () => {
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/\n {6}# hostpci0: 0000:01:00\.0: a PCI device/);
  expect(text).toMatch(/\n {6}# memory: waits for its next start/);
  expect(text).toMatch(/\n {4}# VM 102 golden: a template/);
  expect(text).toMatch(/scsi0: \{ storage: local-lvm, size: 82GiB, iothread: true \}/);
  expect(text).toMatch(/address: 172\n/);
  expect(text).not.toMatch(/[ \t]\n/);
});

test("a file that is there is replaced only by force, and nothing is asked before", async () => {
  writeFileSync(file, "mine");
  lab.calls();
  await expect(write(options())).rejects.toThrow(/is there already/);
  expect(lab.calls()).toEqual({});
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(await write(options({ force: true }))).toBe(0);
});

test("storages that the house can't declare are said, and the section stays out where disks lie on them", async () => {
  lab.proxmox.world.storages.tank = {
    storage: "tank",
    type: "zfspool" as "dir",
    properties: { pool: "tank", content: "images" },
  };
  const vm = lab.proxmox.world.vms[101];
  if (vm) vm.config.scsi5 = "tank:vm-101-disk-0,size=4G";
  expect(await write(options({ force: true }))).toBe(0);
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/# tank: zfspool: the house has no word/);
  expect(text).toMatch(/# storages: not managed, because VMs have disks on tank/);
  expect(text).not.toMatch(/infinity-node:storages/);
});

test("without a network addresses are whole, and cloud-init's stay out", async () => {
  expect(await write(options({ force: true, network: undefined }))).toBe(0);
  expect(readFileSync(file, "utf8")).toMatch(/# cloudInit: net0: 192\.168\.86\.172\/24: the house sets dhcp/);
});

test("what no house may say is for its owner to decide", async () => {
  const vm = lab.proxmox.world.vms[101];
  if (vm) vm.config.name = "Media-1";
  expect(await write(options({ force: true }))).toBe(7);
  expect(said.join("\n")).toMatch(/for you to decide.*\n.*hostname.*Media-1/);
});

test("a node that isn't there, or a network that is none, is refused", async () => {
  await expect(write(options({ force: true, node: "pve9" }))).rejects.toThrow(/pve9.*it has infinity-node/);
  await expect(write(options({ force: true, network: "192.168.86.1/24" }))).rejects.toThrow(/--network/);
});
