/** Proxmox's privileges and the roles it comes with (PVE 8.4). Pure. */

const VM =
  "Allocate Audit Backup Clone Config.CDROM Config.CPU Config.Cloudinit Config.Disk Config.HWType Config.Memory Config.Network Config.Options Console Migrate Monitor PowerMgmt Snapshot Snapshot.Rollback";
const named = (prefix: string, names: string): string[] => names.split(" ").map((name) => `${prefix}.${name}`);

const vm = named("VM", VM);
const datastore = named("Datastore", "Allocate AllocateSpace AllocateTemplate Audit");
const system = named("Sys", "AccessNetwork Audit Console Incoming Modify PowerMgmt Syslog");
const network = named("SDN", "Allocate Audit Use");
const mapping = named("Mapping", "Audit Modify Use");
const users = [...named("Realm", "Allocate AllocateUser"), "User.Modify", "Group.Allocate"];
const pools = named("Pool", "Allocate Audit");

export const ALL_PRIVILEGES: readonly string[] = [
  ...vm,
  ...datastore,
  ...system,
  ...network,
  ...mapping,
  ...users,
  ...pools,
  "Permissions.Modify",
].sort();

const audit = ALL_PRIVILEGES.filter((privilege) => privilege.endsWith(".Audit"));
const vmUser = named("VM", "Audit Backup Config.CDROM Config.Cloudinit Console PowerMgmt");

export const BUILTIN_ROLES: Readonly<Record<string, readonly string[]>> = {
  Administrator: ALL_PRIVILEGES,
  NoAccess: [],
  PVEAdmin: ALL_PRIVILEGES.filter(
    (privilege) =>
      ![
        "Mapping.Modify",
        "Permissions.Modify",
        "Realm.Allocate",
        "Sys.AccessNetwork",
        "Sys.Incoming",
        "Sys.Modify",
        "Sys.PowerMgmt",
      ].includes(privilege),
  ),
  PVEAuditor: audit,
  PVEDatastoreAdmin: datastore,
  PVEDatastoreUser: named("Datastore", "AllocateSpace Audit"),
  PVEMappingUser: named("Mapping", "Audit Use"),
  PVESDNUser: named("SDN", "Audit Use"),
  PVESysAdmin: named("Sys", "Audit Console Syslog"),
  PVEVMAdmin: vm,
  PVEVMUser: vmUser,
};
