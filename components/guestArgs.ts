/** From what the house says of a guest to what its resources are asked. Pure. */
import { nfsSource } from "../house/addresses";
import type { KnownGuest } from "../house/guests";
import type { House } from "../house/schema";
import { DEFAULT_MOUNT_POINT } from "../house/stacks/words";
import type { LoginsSpec } from "../providers/guest/kinds/logins";
import type { AptSourceSpec } from "../providers/guest/kinds/aptSource";
import type { NfsMountSpec } from "../providers/guest/kinds/nfsMount";
import type { PackagesSpec } from "../providers/guest/kinds/packages";
import type { UserSpec } from "../providers/guest/kinds/user";
import type { GuestSpec } from "../providers/guest/reach";

type OnIt<Spec> = Omit<Spec, "host">;

export const guestArgs = (name: string, { address, port, user, hostKey }: KnownGuest): GuestSpec => ({
  name,
  address,
  port,
  user,
  hostKey,
});

/** Docker's own packages, as https://docs.docker.com/engine/install/debian/ has them, without what only builds images. */
const DOCKER_PACKAGES = ["docker-ce", "docker-ce-cli", "containerd.io", "docker-compose-plugin"];

/** Where they come from, where the house asks for them. */
export const dockerSourceArgs = ({ docker }: KnownGuest): OnIt<AptSourceSpec> | undefined =>
  docker?.packages !== "docker"
    ? undefined
    : {
        name: "docker",
        uri: "https://download.docker.com/linux/{system}",
        components: ["stable"],
        key: docker.key,
        keyUri: "https://download.docker.com/linux/{system}/gpg",
        // The key, and its subkey, which signs.
        fingerprints: ["9DC858229FC7DD38854AE2D88D81803C0EBFCD88", "D3306A018370199E527AE7997EA0A9C3F273FCD8"],
      };

/** One set a guest: a log-in and a run of apt for each would take its time. */
export function packagesArgs(guest: KnownGuest): OnIt<PackagesSpec> | undefined {
  const names = [
    ...(guest.packages ?? []),
    ...(guest.docker?.packages === "docker" ? DOCKER_PACKAGES : (guest.docker?.packages ?? [])),
    ...(guest.mount ? ["nfs-common"] : []),
    ...(guest.upgrades ? ["unattended-upgrades"] : []),
  ];
  return names.length === 0 ? undefined : { set: "house", names: [...new Set(names)].sort() };
}

/** By log-in name. */
export const usersArgs = ({ users = {} }: KnownGuest): Readonly<Record<string, OnIt<UserSpec>>> =>
  Object.fromEntries(
    Object.entries(users).map(([name, { keys, ...user }]) => [name, { ...user, name, authorizedKeys: keys }]),
  );

/** Everybody whom the house names on a guest, by log-in name. */
export function knownUsers(house: House, name: string, { users = {}, user }: KnownGuest): string[] {
  const first = house.vms[name]?.cloudInit?.user;
  return [...new Set([...Object.keys(users), user, ...(first === undefined ? [] : [first])])].sort();
}

/** Where the house says that nobody else may log in. */
export const loginsArgs = (house: House, name: string, guest: KnownGuest): OnIt<LoginsSpec> | undefined =>
  guest.otherUsers === "locked" ? { known: knownUsers(house, name, guest) } : undefined;

/** The NAS's whole export, where every guest has it. */
export function mountArgs(house: House, { mount }: KnownGuest): OnIt<NfsMountSpec> | undefined {
  const source = nfsSource(house, { type: "nfs" });
  return (
    mount &&
    source && {
      ...mount,
      target: house.nas?.mountPoint ?? DEFAULT_MOUNT_POINT,
      source: `${source.server}:${source.export}`,
    }
  );
}
