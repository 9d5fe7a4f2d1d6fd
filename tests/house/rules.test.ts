/** Each rule of the house: one house that breaks it, one that just keeps it, and what is said. */
import { warnings } from "../../house/house";
import type { Sections } from "../../house/load";
import { merge } from "../../house/merge";
import { formatProblem } from "../../values/problem";
import { house, problems, small, SMALL } from "./support";

const NETWORK = { network: { cidr: "192.168.86.0/24", gateway: 1 }, hypervisor: { address: 106 } };
const web = (change: Sections): Sections => small({ vms: { web: change } });
const disks = (change: Sections): Sections => web({ disks: change });
const inNetwork = (change: Sections): Sections => small(merge(NETWORK, change));

/** A second VM beside `web`. */
const two = (change: Sections): Sections =>
  small({ vms: { web: { address: "10.0.0.3" }, db: { vmid: 101, address: "10.0.0.4", ...change } } });

interface Rule {
  readonly rule: string;
  readonly kept: Sections;
  readonly broken: Sections;
  /** The problem, as it is shown. */
  readonly said: string;
}

const SHA = `sha256:${"0a".repeat(32)}`;
const debian = { url: "https://cloud.debian.org/debian-12.qcow2", checksum: SHA, storage: "local" };
const ofImage = (image: Sections, more: Sections = {}): Sections =>
  small(merge({ images: { debian: { ...debian, ...image } } }, more));
const local = (content: readonly string[]): Sections => ({
  storages: {
    local: { type: "dir", path: "/d", content },
    "local-lvm": { type: "dir", path: "/e", content: ["images"] },
  },
});
const fromImage = (name: string): Sections => ({ vms: { web: { disks: { scsi0: { image: name } } } } });

const RULES: readonly Rule[] = [
  {
    rule: "a copy is of a VM of the house, or of a VMID",
    kept: two({ clone: { from: "web" } }),
    broken: two({ clone: { from: "wbe" } }),
    said: "vms.db.clone.from: wbe: is no VM of the house - name one of its VMs, or a VMID",
  },
  {
    rule: "copies don't go round",
    kept: two({ clone: { from: 100 } }),
    broken: two({ clone: { from: 101 } }),
    said: "vms.db.clone.from: 101: leads back to this VM - name what it is a copy of, a template mostly",
  },
  {
    rule: "a linked clone lies where its template does",
    kept: two({ clone: { from: 9000, full: true, storage: "NAS" } }),
    broken: two({ clone: { from: 9000, full: false, storage: "NAS" } }),
    said: "vms.db.clone.storage: NAS: a linked clone lies where its template does - leave it out, or say full: true",
  },
  {
    rule: "an image is called as Proxmox imports it",
    kept: ofImage({ url: "https://ubuntu.com/noble.img", file: "noble.qcow2" }),
    broken: ofImage({ url: "https://ubuntu.com/noble.img?x=1" }),
    said: "images.debian.file: noble.img: Proxmox takes no such name for import - give it a file name that says its format (file: NAME.qcow2; most .img files are qcow2)",
  },
  {
    rule: "a checksum says its kind",
    kept: ofImage({ checksum: `sha512:${"0A".repeat(64)}` }),
    broken: ofImage({ checksum: "0a".repeat(32) }),
    said: `images.debian.checksum: ${"0a".repeat(32)}: a checksum is sha256: and 64, or sha512: and 128 hexadecimal digits - copy it from where the image is published`,
  },
  {
    rule: "an image lies on a storage that holds such files",
    kept: ofImage({}, local(["import", "iso"])),
    broken: ofImage({}, local(["iso"])),
    said: "images.debian.storage: local: the storage holds iso, and no import - add import to storages.local.content",
  },
  {
    rule: "an image lies where files lie",
    kept: ofImage({}),
    broken: ofImage(
      {},
      {
        storages: {
          local: { type: "lvmthin", volumeGroup: "pve", thinPool: "data" },
          ...{ "local-lvm": { type: "dir", path: "/e" } },
        },
      },
    ),
    said: "images.debian.storage: local: an LVM pool holds no files - take a storage of type dir or nfs",
  },
  {
    rule: "two images are two files",
    kept: ofImage({}, { images: { other: { ...debian, file: "other.qcow2" } } }),
    broken: ofImage({}, { images: { other: debian } }),
    said: "images.other.file: local:import/debian-12.qcow2: is the file of images.debian already - give one of them another file",
  },
  {
    rule: "a disk is made from an image of the house",
    kept: ofImage({}, fromImage("debian")),
    broken: ofImage({}, fromImage("debain")),
    said: "vms.web.disks.scsi0.image: debain: is no image of the house - take one of its images: debian; or add it: images.debain",
  },
  {
    rule: "no disk is made from a CD",
    kept: ofImage({ content: "iso", file: "a.iso" }),
    broken: ofImage({ content: "iso", file: "a.iso" }, fromImage("debian")),
    said: "vms.web.disks.scsi0.image: debian: is a CD, and no disk is made from one - set images.debian.content: import",
  },
  {
    rule: "a volume is named as Proxmox lists it",
    kept: disks({ scsi1: { storage: "local-lvm", size: "4GiB", volume: "local-lvm:vm-100-disk-1" } }),
    broken: disks({ scsi1: { storage: "local-lvm", size: "4GiB", volume: "vm-100-disk-1" } }),
    said: "vms.web.disks.scsi1.volume: vm-100-disk-1: is no volume - write it as Proxmox lists it: local-lvm:vm-100-disk-1",
  },
  {
    rule: "keys are known ones, and the nearest is named",
    kept: web({ memory: "8GiB" }),
    broken: web({ memroy: "8GiB" }),
    said: "vms.web.memroy: there is no such key - did you mean memory?",
  },
  {
    rule: "a key that is near to nothing gets the list",
    kept: small({ hypervisor: { tls: { caFile: "/etc/ca.pem" } } }),
    broken: small({ hypervisor: { tls: { insecureSkipVerification: true } } }),
    said: "hypervisor.tls.insecureSkipVerification: there is no such key - take it out, or use one of: fingerprint, caFile",
  },
  {
    rule: "keys are known in the branch that is meant",
    kept: disks({ scsi1: { physical: true, path: "/dev/disk/by-id/a" } }),
    broken: disks({ scsi1: { physical: true, pth: "/dev/disk/by-id/a" } }),
    said: "vms.web.disks.scsi1.pth: there is no such key - did you mean path?",
  },
  {
    rule: "sections are known ones",
    kept: small({ domain: "example.org" }),
    broken: small({ domian: "example.org" }),
    said: "domian: there is no such key - did you mean infinity-node:domain?",
  },
  {
    rule: "a misspelt section is named with its namespace",
    kept: small({ network: { cidr: "10.0.0.0/24" } }),
    broken: small({ netwrok: { cidr: "10.0.0.0/24" } }),
    said: "netwrok: there is no such key - did you mean pulumi-nodejs:network?",
  },
  {
    rule: "a key's case counts, and is put right",
    kept: web({ startAtBoot: true }),
    broken: web({ startatboot: true }),
    said: "vms.web.startatboot: there is no such key - did you mean startAtBoot?",
  },
  {
    rule: "sections stand in their namespace",
    kept: small({ network: { cidr: "10.0.0.0/24" } }),
    broken: small({ "infinity-node:network": { cidr: "10.0.0.0/24" } }),
    said: "infinity-node:network: stands in the wrong namespace - write it as pulumi-nodejs:network",
  },
  {
    rule: "what a VM can't be without is given",
    kept: SMALL,
    broken: small({ vms: { db: { hostname: "db" } } }),
    said: "vms.db.vmid: is missing - give it: Proxmox's number of it, 100-999999999. Never changed.",
  },
  {
    rule: "a house has a hypervisor",
    kept: SMALL,
    broken: { vms: SMALL.vms },
    said: "hypervisor: is missing - give it: The Proxmox node that runs the house.",
  },
  {
    rule: "a house has a VM",
    kept: SMALL,
    broken: { hypervisor: SMALL.hypervisor, vms: {} },
    said: "vms: a house has one VM at least - add it: vms.NAME.vmid",
  },
  {
    rule: "a network is one",
    kept: inNetwork({}),
    broken: inNetwork({ network: { cidr: "192.168.86.1/24" } }),
    said: "network.cidr: 192.168.86.1/24: a network is an IPv4 network address with its prefix, /8 to /30 - write 192.168.86.0/24, without a host's bits",
  },
  {
    rule: "an address is a host's part, or dotted",
    kept: web({ address: "10.0.0.9" }),
    broken: web({ address: "emby.local" }),
    said: "vms.web.address: emby.local: an address is a host's part of the network, or four numbers with dots - write 172 or 192.168.86.172",
  },
  {
    rule: "a host's part is a host of the network",
    kept: inNetwork({ vms: { web: { address: 254 } } }),
    broken: inNetwork({ vms: { web: { address: 255 } } }),
    said: "vms.web.address: 255: is no host of 192.168.86.0/24 - take a host's part from 1 to 254",
  },
  {
    rule: "a dotted address of a VM is in the network too",
    kept: inNetwork({ vms: { web: { address: "192.168.86.9" } } }),
    broken: inNetwork({ vms: { web: { address: "192.168.87.9" } } }),
    said: "vms.web.address: 192.168.87.9: is no host of 192.168.86.0/24 - take a host's part from 1 to 254",
  },
  {
    rule: "a host's part needs a network",
    kept: web({ address: "10.0.0.9" }),
    broken: web({ address: 9 }),
    said: "vms.web.address: 9: a host's part counts in the house's network, and there is none - give network.cidr, or write the whole address",
  },
  {
    rule: "the node is in the network, unless it has an endpoint of its own",
    kept: inNetwork({ hypervisor: { address: "10.9.0.1", endpoint: "https://10.9.0.1:8006" } }),
    broken: inNetwork({ hypervisor: { address: "10.9.0.1" } }),
    said: "hypervisor.address: 10.9.0.1: is no host of 192.168.86.0/24 - take a host's part from 1 to 254",
  },
  {
    rule: "no address is a VM's and another's",
    kept: two({}),
    broken: two({ address: "10.0.0.3" }),
    said: "vms.db.address: 10.0.0.3: 10.0.0.3 is vms.web.address already - give each host its own",
  },
  {
    rule: "no address is a VM's and the gateway's",
    kept: inNetwork({ vms: { web: { address: 2 } } }),
    broken: inNetwork({ vms: { web: { address: "192.168.86.1" } } }),
    said: "vms.web.address: 192.168.86.1: 192.168.86.1 is network.gateway already - give each host its own",
  },
  {
    rule: "no address is a VM's and the node's",
    kept: inNetwork({ vms: { web: { address: 107 } } }),
    broken: inNetwork({ vms: { web: { address: 106 } } }),
    said: "vms.web.address: 106: 192.168.86.106 is hypervisor.address already - give each host its own",
  },
  {
    rule: "no address is a VM's and the NAS's",
    kept: inNetwork({ nas: { address: 43, export: "/v" }, vms: { web: { address: 44 } } }),
    broken: inNetwork({ nas: { address: 43, export: "/v" }, vms: { web: { address: 43 } } }),
    said: "vms.web.address: 43: 192.168.86.43 is nas.address already - give each host its own",
  },
  {
    rule: "a VMID is given once",
    kept: two({ vmid: 101 }),
    broken: two({ vmid: 100 }),
    said: "vms.db.vmid: 100: is given at vms.web.vmid already - give each VM its own VMID",
  },
  {
    rule: "a VMID is one of Proxmox's",
    kept: web({ vmid: 999_999_999 }),
    broken: web({ vmid: 99 }),
    said: "vms.web.vmid: 99: must be at least 100 - correct it: Proxmox's number of it, 100-999999999. Never changed.",
  },
  {
    rule: "a host name is given once, a short name counts where there is none",
    kept: two({ hostname: "web2" }),
    broken: two({ hostname: "WEB" }),
    said: "vms.db.hostname: WEB: is given at vms.web.hostname already - give each VM its own host name",
  },
  {
    rule: "a host name is one that Proxmox takes",
    kept: web({ hostname: "media-1.lan" }),
    broken: web({ hostname: "media_1" }),
    said: "vms.web.hostname: media_1: Proxmox takes DNS labels: letters, digits and hyphens within, 63 at most - rename it: media-1",
  },
  {
    rule: "a MAC is given once",
    kept: two({ nics: { net0: { mac: "BC:24:11:00:00:01" }, net1: { mac: "BC:24:11:00:00:02" } } }),
    broken: two({ nics: { net0: { mac: "BC:24:11:00:00:01" }, net1: { mac: "bc:24:11:00:00:01" } } }),
    said: "vms.db.nics.net1.mac: bc:24:11:00:00:01: is given at vms.db.nics.net0.mac already - give each NIC its own MAC, or leave it to Proxmox",
  },
  {
    rule: "a MAC is unicast",
    kept: web({ nics: { net0: { mac: "BC:24:11:00:00:01" } } }),
    broken: web({ nics: { net0: { mac: "BD:24:11:00:00:01" } } }),
    said: "vms.web.nics.net0.mac: BD:24:11:00:00:01: a MAC is six unicast bytes in hex with colons - write BC:24:11:00:00:01, or leave it out",
  },
  {
    rule: "a NIC slot is one of Proxmox's",
    kept: web({ nics: { net31: {} } }),
    broken: web({ nics: { net32: {} } }),
    said: "vms.web.nics.net32: net32: NIC slots are net0-net31 - take a free one of these",
  },
  {
    rule: "a disk of the host goes to one VM",
    kept: disks({ scsi1: { physical: true, path: "/dev/disk/by-id/a" }, scsi2: { physical: true } }),
    broken: disks({
      scsi1: { physical: true, path: "/dev/disk/by-id/a" },
      scsi2: { physical: true, path: "/dev/disk/by-id/a" },
    }),
    said: "vms.web.disks.scsi2.path: /dev/disk/by-id/a: is given at vms.web.disks.scsi1.path already - hand a disk to one VM only",
  },
  {
    rule: "a service of a VM is named once",
    kept: web({ services: ["emby", "newt"] }),
    broken: web({ services: ["emby", "emby"] }),
    said: "vms.web.services.1: emby: is given at vms.web.services.0 already - name each service of a VM once",
  },
  {
    rule: "a service is named in kebab case",
    kept: web({ services: ["paperless-ngx"] }),
    broken: web({ services: ["Paperless NGX"] }),
    said: "vms.web.services.0: Paperless NGX: a service is called as its folder in stacks/, in small letters, digits and hyphens - write vpn, or vpn: nordlynx for a variant of it; with more words, vpn: { variant: nordlynx, deletable: true, deleteVolumes: true }",
  },
  {
    rule: "a service has words that are known",
    kept: web({ services: [{ vpn: { variant: "nordlynx", deletable: true, deleteVolumes: true } }] }),
    broken: web({ services: [{ vpn: { deleteable: true } }] }),
    said: "vms.web.services.0.vpn.deleteable: there is no such key - did you mean deletable?",
  },
  {
    rule: "volumes go only with their stack",
    kept: web({ services: [{ newt: { deletable: true, deleteVolumes: true } }] }),
    broken: web({ services: ["emby", { newt: { deleteVolumes: true } }] }),
    said: "vms.web.services.1.newt.deleteVolumes: true: volumes go only with a stack that may go - say deletable: true as well, or leave it out",
  },
  ...["scsi30", "virtio15", "sata5", "ide3"].map((last): Rule => {
    const beyond = last.replace(/\d+/, (number) => String(Number(number) + 1));
    const disk = { storage: "local-lvm", size: "1GiB" };
    return {
      rule: `a disk slot is at most ${last}`,
      kept: disks({ [last]: disk }),
      broken: disks({ [beyond]: disk }),
      said: `vms.web.disks.${beyond}: ${beyond}: disk slots are scsi0-scsi30, virtio0-virtio15, sata0-sata5 and ide0-ide3 - take a free one of these`,
    };
  }),
  {
    rule: "a disk and the cloud-init drive don't share a slot",
    kept: web({ cloudInit: { storage: "local-lvm" } }),
    broken: web({ cloudInit: { storage: "local-lvm", slot: "scsi0" } }),
    said: "vms.web.disks.scsi0: scsi0: the slot is the cloud-init drive's already - take another slot for the disk, or set cloudInit.slot",
  },
  {
    rule: "a disk stands on a storage of the house",
    kept: small({ storages: { "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" } } }),
    broken: small({ storages: { NAS: { type: "nfs", server: "10.0.0.5", export: "/v" } } }),
    said: "vms.web.disks.scsi0.storage: local-lvm: is no storage of the house - take one of its storages: NAS; or add it",
  },
  {
    rule: "a disk stands on a storage that holds disks",
    kept: small({ storages: { "local-lvm": { type: "dir", path: "/d", content: ["images", "iso"] } } }),
    broken: small({ storages: { "local-lvm": { type: "dir", path: "/d", content: ["iso", "backup"] } } }),
    said: "vms.web.disks.scsi0.storage: local-lvm: the storage holds iso, backup and no disks of VMs - take another storage, or add images to storages.local-lvm.content",
  },
  {
    rule: "a storage is of a kind that there is",
    kept: small({ storages: { "local-lvm": { type: "dir", path: "/d" } } }),
    broken: small({ storages: { "local-lvm": { type: "drr", path: "/d" } } }),
    said: "storages.local-lvm.type: drr: must be one of dir, lvmthin, nfs - did you mean dir?",
  },
  {
    rule: "an NFS storage has a server",
    kept: small({
      storages: { "local-lvm": { type: "dir", path: "/d" }, NAS: { type: "nfs" } },
      nas: { address: "10.0.0.5", export: "/volume1/x" },
    }),
    broken: small({ storages: { "local-lvm": { type: "dir", path: "/d" }, NAS: { type: "nfs", export: "/v" } } }),
    said: "storages.NAS.server: is missing, and there is no nas to take it from - give the server, or the section nas",
  },
  ...(
    [
      ["virtio0", "ssd", "scsi1"],
      ["ide0", "iothread", "virtio1"],
      ["sata0", "iothread", "scsi2"],
      ["ide0", "readOnly", "scsi3"],
    ] as const
  ).map(([slot, option, right]): Rule => {
    const bus = slot.replace(/\d/, "");
    const disk = { storage: "local-lvm", size: "1GiB", [option]: true };
    return {
      rule: `${bus} has no ${option}`,
      kept: disks({ [right]: disk }),
      broken: disks({ [slot]: disk }),
      said: `vms.web.disks.${slot}.${option}: true: Proxmox has no ${option} on ${bus} disks - take it out, or use a scsi slot`,
    };
  }),
  {
    rule: "the boot order names devices of the VM",
    kept: web({ boot: ["scsi0", "net0"] }),
    broken: web({ boot: ["scsi1"] }),
    said: "vms.web.boot.0: scsi1: the VM has no such device - name slots that it has: scsi0, net0",
  },
  {
    rule: "a size has a unit",
    kept: disks({ scsi1: { storage: "local-lvm", size: "40GiB" } }),
    broken: disks({ scsi1: { storage: "local-lvm", size: "40" } }),
    said: "vms.web.disks.scsi1.size: 40: a size is a number with a unit: 512MiB, 82GiB, 1.5TiB, 4TB - write the unit that is meant",
  },
  {
    rule: "a size is no bare number",
    kept: web({ memory: "8192MiB" }),
    broken: web({ memory: 8192 }),
    said: "vms.web.memory: 8192: a size is a number with a unit: 512MiB, 82GiB, 1.5TiB, 4TB - write the unit that is meant",
  },
  {
    rule: "a disk has room",
    kept: disks({ scsi1: { storage: "local-lvm", size: "1MiB" } }),
    broken: disks({ scsi1: { storage: "local-lvm", size: "0GiB" } }),
    said: "vms.web.disks.scsi1.size: 0GiB: is no room at all - give more than 0",
  },
  {
    rule: "RAM is whole MiB",
    kept: web({ memory: "1.5GiB" }),
    broken: web({ memory: "2GB" }),
    said: "vms.web.memory: 2GB: Proxmox counts RAM in whole MiB - use MiB or GiB: 512MiB, 8GiB",
  },
  {
    rule: "RAM is what Proxmox takes at least",
    kept: web({ memory: "16MiB" }),
    broken: web({ memory: "15MiB" }),
    said: "vms.web.memory: 15MiB: Proxmox gives a VM 16MiB at least - give it more",
  },
  {
    rule: "balloon is at most memory",
    kept: web({ balloon: "4096MiB" }),
    broken: web({ balloon: "4097MiB" }),
    said: "vms.web.balloon: 4097MiB: a VM can't keep more RAM than the 4GiB it has - lower balloon, or raise memory",
  },
  {
    rule: "what running VMs keep is there; a VM without ballooning keeps all",
    kept: small({ hypervisor: { memory: "4GiB" }, vms: { db: { vmid: 101, memory: "8GiB", state: "stopped" } } }),
    broken: small({ hypervisor: { memory: "4GiB" }, vms: { db: { vmid: 101, memory: "8GiB", balloon: "0MiB" } } }),
    said: "hypervisor.memory: 4GiB: the running VMs keep 12GiB at least (balloon, or memory where there is none) - lower balloon of some, stop one, or give the host more RAM",
  },
  {
    rule: "words are of their list",
    kept: web({ state: "running" }),
    broken: web({ state: "runing" }),
    said: "vms.web.state: runing: must be one of running, stopped - did you mean running?",
  },
  {
    rule: "numbers are whole where they count",
    kept: web({ cpu: { cores: 3 } }),
    broken: web({ cpu: { cores: 2.5 } }),
    said: "vms.web.cpu.cores: 2.5: must be a whole number - correct it: Cores a socket, 1 or more.",
  },
  {
    rule: "the node can be found",
    kept: { ...SMALL, hypervisor: { node: "pve", endpoint: "https://pve.lan:8006" } },
    broken: { ...SMALL, hypervisor: { node: "pve" } },
    said: "hypervisor.address: nobody knows where the node is - give its address, or hypervisor.endpoint",
  },
  {
    rule: "the endpoint is https",
    kept: small({ hypervisor: { endpoint: "https://[fd00::1]:8006/" } }),
    broken: small({ hypervisor: { endpoint: "http://10.0.0.2:8006" } }),
    said: "hypervisor.endpoint: http://10.0.0.2:8006: an endpoint is https:// with host and port, without user, path or query - write https://192.168.86.106:8006",
  },
  {
    rule: "there is one way to log in",
    kept: small({ hypervisor: { user: "root@pam", password: "x" } }),
    broken: small({ hypervisor: { apiToken: "a@pve!b=c", user: "root@pam", password: "x" } }),
    said: "hypervisor.apiToken: an API token and a password are two ways to log in - take out one of the two",
  },
  {
    rule: "a password is somebody's",
    kept: small({ hypervisor: { user: "root@pam" } }),
    broken: small({ hypervisor: { password: "x" } }),
    said: "hypervisor.user: whose password it is must be said - give the user: root@pam",
  },
  {
    rule: "a tunnel is below a domain",
    kept: small({ domain: "example.org", tunnel: { server: "45.55.78.215", endpoint: "pangolin" } }),
    broken: small({ tunnel: { server: "45.55.78.215", endpoint: "pangolin" } }),
    said: "tunnel.endpoint: pangolin: is a name below the house's domain, and the house has none - give domain, or leave the tunnel out",
  },
];

describe.each(RULES)("$rule", ({ kept, broken, said }) => {
  test("a house that keeps it is a house", () => {
    expect(problems(kept).map(formatProblem)).toEqual([]);
  });

  test("a house that breaks it is told so, and nothing else", () => {
    expect(problems(broken).map(formatProblem)).toEqual([said]);
  });
});

test("all problems are said at once, those between sections too", () => {
  const sections = inNetwork({
    network: { gateway: "router" },
    hypervisor: { nod: "x", memory: "1GiB" },
    storages: { NAS: { type: "nfs" }, "local-lvm": { type: "zfs" } },
    vms: {
      web: {
        vmid: 50,
        address: 300,
        balloon: "9GiB",
        disks: { virtio0: { storage: "gone", size: "1GiB", ssd: true } },
      },
      db: { address: 106, priority: "high" },
    },
  });
  expect(problems(sections).map(({ path }) => path)).toEqual([
    "network.gateway",
    "hypervisor.nod",
    "storages.local-lvm.type",
    "vms.web.vmid",
    "vms.db.vmid",
    "vms.db.priority",
    "storages.NAS.server",
    "storages.NAS.export",
    "vms.web.address",
    "vms.db.address",
    "vms.web.disks.virtio0.storage",
    "vms.web.disks.virtio0.ssd",
    "vms.web.balloon",
    "hypervisor.memory",
  ]);
});

describe("a warning", () => {
  const crowded = (state: string): Sections =>
    small({
      hypervisor: { cpus: 4, memory: "8GiB" },
      vms: { db: { vmid: 101, state, cpu: { cores: 2, sockets: 2 }, memory: "6GiB", balloon: "1GiB" } },
    });

  test("says the figures of vCPUs and RAM above the host's", () => {
    expect(warnings(house(crowded("running")))).toEqual([
      "vms: 6 vCPUs of running VMs on 4 of the host: they share them",
      "vms: running VMs may take 10GiB of the host's 8GiB RAM: beyond it, ballooning takes back what is above 5GiB",
    ]);
  });

  test("counts no VM that is stopped", () => {
    expect(warnings(house(crowded("stopped")))).toEqual([]);
  });

  test("names a VM with more vCPUs than the host has", () => {
    expect(warnings(house(small({ hypervisor: { cpus: 1 } })))).toContain(
      "vms.web.cpu: 2 vCPUs on 1 of the host: Proxmox will not start it",
    );
  });
});
