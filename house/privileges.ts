/**
 * What the house's token has to be allowed in Proxmox, and why: the one list. Each line says what it is for and which
 * fields of a house ask for it where, so that a missing one can be told by the field that fails for it. Pure.
 */
import type { House } from "./schema";
import { pciOf, TRANSCODING_SLOT } from "./transcoding";
import { declarable, type KnownVm } from "./unknowns";

/** A field of the house, and the ACL path that Proxmox asks about for it. */
export interface Use {
  /** `vms.emby.cpu` */
  readonly field: string;
  /** `/vms/100` */
  readonly path: string;
}

export interface Privilege {
  /** `VM.Config.CPU` */
  readonly name: string;
  /** In a few words, for people. */
  readonly purpose: string;
  /** `every house`: the token has it whatever the house uses today; `where used`: only for a house that asks for it. */
  readonly given: "every house" | "where used";
  /** What of this house needs it; nothing where it doesn't. */
  readonly uses: (house: House) => readonly Use[];
}

type OfVm = (vm: KnownVm, name: string) => readonly Use[];

const vms =
  (of: OfVm) =>
  (house: House): Use[] =>
    Object.entries(declarable(house)).flatMap(([name, vm]) => of(vm, name));

/** Asked at the VM itself, for the VM as a whole or for one of its fields. */
const atVm = (field?: keyof KnownVm): ReturnType<typeof vms> =>
  vms((vm, name) =>
    field !== undefined && vm[field] === undefined
      ? []
      : [{ field: ["vms", name, ...(field === undefined ? [] : [field])].join("."), path: `/vms/${vm.vmid}` }],
  );

const volumes: OfVm = ({ disks, cloudInit }, name) => {
  const used = Object.entries(disks).flatMap(([slot, disk]): Use[] =>
    disk.physical === true ? [] : [{ field: `vms.${name}.disks.${slot}`, path: `/storage/${disk.storage}` }],
  );
  return cloudInit ? [...used, { field: `vms.${name}.cloudInit`, path: `/storage/${cloudInit.storage}` }] : used;
};

const bridges: OfVm = ({ nics }, name) =>
  Object.entries(nics).map(([slot, { bridge, vlan }]) => ({
    field: `vms.${name}.nics.${slot}`,
    path: `/sdn/zones/localnetwork/${bridge}${vlan === undefined ? "" : `/${vlan}`}`,
  }));

const start: OfVm = ({ startup }, name) => (startup ? [{ field: `vms.${name}.startup`, path: "/" }] : []);

const definitions = ({ storages = {} }: House): Use[] =>
  Object.keys(storages).map((id) => ({ field: `storages.${id}`, path: "/storage" }));

const everyHouse = (name: string, purpose: string, uses: Privilege["uses"]): Privilege => ({
  name,
  purpose,
  given: "every house",
  uses,
});

const whereUsed = (name: string, purpose: string, uses: Privilege["uses"]): Privilege => ({
  name,
  purpose,
  given: "where used",
  uses,
});

const copies: OfVm = ({ clone }, name) => (clone ? [{ field: `vms.${name}.clone`, path: "/vms" }] : []);

const mapped: OfVm = (vm, name) => {
  const devices = [...Object.entries(pciOf(vm) ?? {}), ...Object.entries(vm.usb ?? {})];
  return devices.flatMap(([slot, device]): Use[] => {
    if (!("mapping" in device)) return [];
    const [type, field] = slot.startsWith("usb") ? ["usb", `usb.${slot}`] : ["pci", `pci.${slot}`];
    const said = vm.transcoding && slot === TRANSCODING_SLOT ? "transcoding" : field;
    return [{ field: `vms.${name}.${said}`, path: `/mapping/${type}/${device.mapping}` }];
  });
};

const downloads = ({ images = {} }: House): Use[] =>
  Object.entries(images).map(([name, { storage }]) => ({ field: `images.${name}`, path: `/storage/${storage}` }));

const fetches = ({ images = {}, hypervisor: { node } }: House): Use[] =>
  Object.keys(images).map((name) => ({ field: `images.${name}`, path: `/nodes/${node}` }));

/** Held to be no more than needed by a test that takes each of them away. */
export const PRIVILEGES: readonly Privilege[] = [
  everyHouse("VM.Allocate", "make a VM; destroy one that the house lets go", atVm()),
  everyHouse("VM.Audit", "see VMs and what changed by hand", atVm()),
  everyHouse("VM.Config.CDROM", "the drive that cloud-init reads", atVm("cloudInit")),
  everyHouse("VM.Config.CPU", "cores, sockets, type", atVm("cpu")),
  everyHouse("VM.Config.Cloudinit", "user, keys, address, name servers", atVm("cloudInit")),
  everyHouse("VM.Config.Disk", "attach, grow and detach disks", atVm("disks")),
  everyHouse("VM.Config.HWType", "machine, BIOS, SCSI controller, guest type", atVm()),
  everyHouse("VM.Config.Memory", "RAM and balloon", atVm("memory")),
  everyHouse("VM.Config.Network", "NICs", atVm("nics")),
  everyHouse("VM.Config.Options", "name, notes, tags, boot order, agent, start with the node", atVm()),
  everyHouse("VM.PowerMgmt", "start and stop", atVm("state")),
  everyHouse("Datastore.Allocate", "define storages", definitions),
  everyHouse("Datastore.AllocateSpace", "room for disks", vms(volumes)),
  everyHouse("SDN.Use", "plug NICs into bridges", vms(bridges)),
  everyHouse("Sys.Modify", "the order in which VMs start", vms(start)),
  whereUsed("VM.Monitor", "ask guests for their addresses", atVm("agentAddresses")),
  whereUsed("VM.Clone", "make a VM as a copy", vms(copies)),
  whereUsed("Mapping.Use", "hand through devices of the host that were mapped for it", vms(mapped)),
  whereUsed("Datastore.AllocateTemplate", "download images", downloads),
  whereUsed("Sys.AccessNetwork", "have the node fetch them from the network", fetches),
];

export interface NeededPrivilege extends Omit<Privilege, "uses"> {
  readonly uses: readonly Use[];
}

/** What the token of this house is given, with what asks for each. */
export function neededPrivileges(house: House): NeededPrivilege[] {
  return PRIVILEGES.map((privilege) => ({ ...privilege, uses: privilege.uses(house) })).filter(
    ({ given, uses }) => given === "every house" || uses.length > 0,
  );
}
