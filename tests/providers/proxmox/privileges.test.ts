/**
 * The token that bootstrapping makes: its privileges do everything that the providers do, and fewer don't. The simulated
 * Proxmox checks permissions as recorded ones did.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PRIVILEGES } from "../../../house/privileges";
import { selfSigned, type Certificate } from "../../../lab/proxmox/certificate";
import { houseNode } from "../../../lab/proxmox/seeds";
import { startProxmox } from "../../../lab/proxmox/server";
import type { ProxmoxClient } from "../../../providers/proxmox/client";
import type { ImageSpec } from "../../../providers/proxmox/image/args";
import { checkImage } from "../../../providers/proxmox/image/check";
import { imageLifecycle } from "../../../providers/proxmox/image/lifecycle";
import { connect } from "../../../providers/proxmox/connect";
import { connectionFrom } from "../../../providers/proxmox/connection";
import { checkStorage } from "../../../providers/proxmox/storage/check";
import { storageLifecycle } from "../../../providers/proxmox/storage/lifecycle";
import { checkVm } from "../../../providers/proxmox/vm/check";
import type { VmSpec } from "../../../providers/proxmox/vm/args";
import { vmLifecycle } from "../../../providers/proxmox/vm/lifecycle";
import { projectRoot } from "../../support/shared";

const SECRET = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

const privileges = PRIVILEGES.filter(({ given }) => given === "every house").map(({ name }) => name);

const vm: VmSpec = {
  node: "infinity-node",
  vmid: 100,
  uuid: "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10",
  name: "media",
  description: "films",
  tags: ["prod"],
  cpu: { cores: 2, type: "host" },
  memory: "2GiB",
  balloon: "1GiB",
  disks: { scsi0: { storage: "local-lvm", size: "8GiB" }, scsi1: { storage: "NAS", size: "1GiB" } },
  nics: { net0: { bridge: "vmbr0" } },
  cloudInit: { storage: "local-lvm", user: "evan", addresses: { net0: { address: "192.168.86.9/24" } } },
  agent: true,
  startAtBoot: true,
  startup: { order: 1 },
  osType: "l26",
  power: "running",
};

let certificate: Certificate;
beforeAll(async () => {
  certificate = await selfSigned();
});

/** Runs something with a token that is granted this and no more. */
async function withGranted(granted: readonly string[], use: (client: ProxmoxClient) => Promise<void>): Promise<void> {
  const initial = houseNode();
  const { local } = initial.storages;
  if (local) local.properties.content = "import,iso";
  const proxmox = await startProxmox({
    certificate,
    initial: {
      ...initial,
      users: { ...initial.users, "infinity@pve": {} },
      tokens: { "infinity@pve!house": { secret: SECRET, privsep: false } },
      roles: { Infinity: granted },
      acl: [{ path: "/", type: "user", ugid: "infinity@pve", roleid: "Infinity", propagate: true }],
    },
  });
  const { url: endpoint, fingerprint } = proxmox;
  const hypervisor = { endpoint, tls: { fingerprint }, apiToken: `infinity@pve!house=${SECRET}` };
  const client = connect(connectionFrom({ PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }) }));
  try {
    await use(client);
  } finally {
    await client.close();
    await proxmox.close();
  }
}

/** A VM and a storage from the first to the last day: made, looked at, changed, stopped, destroyed. */
const live = (granted: readonly string[]): Promise<void> =>
  withGranted(granted, async (client) => {
    const storages = storageLifecycle(() => client);
    const nas = { storage: "NAS", type: "nfs", server: "192.168.86.43", export: "/x", content: ["images"] };
    const made = await storages.create(checkStorage({}, nas).inputs);
    const changed = checkStorage(nas, { ...nas, content: ["images", "iso"], deletable: true }).inputs;
    const stored = await storages.update(made.id, made.outs, changed);
    expect(await storages.read(made.id, stored.outs)).toHaveProperty("id");

    const machines = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
    const inputs = (more: object) => checkVm({}, { ...vm, ...more }, () => false).inputs;
    const { id, outs } = await machines.create(inputs({}));
    expect(await machines.read(id, outs)).toHaveProperty("id");
    const second = {
      disks: { scsi0: { storage: "local-lvm", size: "9GiB" } },
      nics: { net0: { bridge: "vmbr0", vlan: 2 } },
    };
    const updated = await machines.update(id, outs, inputs({ ...second, power: "stopped", deletable: true }));
    await machines.delete(id, updated.outs);
    await storages.delete(made.id, stored.outs);
  });

test("by hand it is the same list", () => {
  const manual = readFileSync(join(projectRoot, "docs", "access.md"), "utf8");
  const listed = (/--privs "([^"]+)"/.exec(manual)?.[1] ?? "").replace(/\\\n/g, " ").trim().split(/\s+/);
  expect(listed.sort()).toEqual([...privileges].sort());
});

test("the list is enough for everything", async () => {
  expect(privileges.length).toBeGreaterThan(5);
  await live(privileges);
});

test.each(privileges)("without %s it fails", async (privilege) => {
  await expect(live(privileges.filter((granted) => granted !== privilege))).rejects.toThrow(/403|is not there/);
});

async function downloadAndUse(client: ProxmoxClient): Promise<void> {
  const checksum = `sha256:${"0a".repeat(32)}`;
  const image: ImageSpec = {
    ...{ node: "infinity-node", storage: "local", content: "import", file: "debian.qcow2" },
    ...{ url: "https://cloud.debian.org/debian.qcow2", checksum },
  };
  const images = imageLifecycle({ client: () => client, tell: () => undefined });
  const { id, outs } = await images.create(checkImage({}, image).inputs);
  expect(await images.read(id, outs)).toHaveProperty("id");
  const disks = { scsi0: { storage: "local-lvm", size: "8GiB", image: { name: "debian", volume: outs.volume } } };
  const machines = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
  await machines.create(checkVm({}, { ...vm, disks }, () => false).inputs);
}

/** What only some houses use, by the privilege that it takes: run with a client that is granted all of these. */
const USED: Readonly<Record<string, (client: ProxmoxClient) => Promise<void>>> = {
  "VM.Monitor": async (client) => {
    const machines = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
    const spec = { ...vm, agentAddresses: true, disks: { scsi0: { storage: "local-lvm", size: "8GiB" } } };
    const { outs } = await machines.create(checkVm({}, spec, () => false).inputs);
    expect(outs.addresses).toEqual({ net0: ["192.168.86.9"] });
  },
  "VM.Clone": async (client) => {
    const machines = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
    const made = (more: object) => machines.create(checkVm({}, { ...plain, ...more }, () => false).inputs);
    const plain = { ...vm, disks: { scsi0: { storage: "local-lvm", size: "8GiB" } } };
    await made({ power: "stopped" });
    await made({ vmid: 101, uuid: vm.uuid.replace("b10", "b11"), clone: { from: 100 } });
  },
  "Mapping.Use": async (client) => {
    const machines = vmLifecycle({ client: () => client, rootLogin: () => false, tell: () => undefined });
    const disks = { scsi0: { storage: "local-lvm", size: "8GiB" } };
    const spec = {
      ...vm,
      disks,
      power: "stopped",
      pci: { hostpci0: { mapping: "igpu" } },
      usb: { usb0: { mapping: "stick" } },
    };
    const { outs } = await machines.create(checkVm({}, spec, () => false).inputs);
    expect(outs).toMatchObject({ pci: { hostpci0: { mapping: "igpu" } }, usb: { usb0: { mapping: "stick" } } });
  },
  "Datastore.AllocateTemplate": downloadAndUse,
  "Sys.AccessNetwork": downloadAndUse,
};

const besides = PRIVILEGES.filter(({ given }) => given === "where used").map(({ name }) => name);

test.each(besides)("a house that asks for it needs %s", async (privilege) => {
  const use = USED[privilege];
  if (use === undefined) throw new Error(`${privilege}: nothing here uses it`);
  const all = [...privileges, ...besides];
  await withGranted(all, use);
  const less = all.filter((granted) => granted !== privilege);
  await expect(withGranted(less, use)).rejects.toThrow(/403|is not there/);
});
