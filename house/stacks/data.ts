/** Where what a container mounts lies on the VM: what a container that is there already is held against. Pure. */
import { OF_THE_HOST, type Mount } from "./mount";

/** By path in the container: a path of the VM, a volume's name, or `./FILE` of the stack's own folder. */
export type DataPlaces = Readonly<Record<string, string>>;

/**
 * @param filled fills variables in.
 * @returns sorted; what is in memory, or the VM's own in every container, is left out.
 */
export function dataPlaces(mounts: readonly Mount[], filled: (text: string) => string): DataPlaces {
  const places = mounts.flatMap((mount): (readonly [string, string])[] => {
    const at = filled(mount.target);
    if (mount.kind === "file") return [[at, `./${mount.source}`]];
    if (mount.kind === "tmpfs" || mount.source === undefined || OF_THE_HOST.test(mount.source)) return [];
    return [[at, filled(mount.source)]];
  });
  return Object.fromEntries(places.sort(([a], [b]) => (a < b ? -1 : 1)));
}
