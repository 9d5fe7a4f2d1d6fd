/**
 * Whether a container sees the NAS's share as the guest has it now. What it mounted when it started stays with it: after the
 * share was mounted from elsewhere, or in another way, it reads and writes where nobody else looks. Pure.
 */
import type { Answer, Command } from "../guest/bulk";
import { isNfs, mountinfo, type Mounted as KernelMount } from "../guest/mountTable";
import { isUnder, plain } from "./mounts";

/** What Docker mounted: from a path of the guest to one of the container. */
export interface Bound {
  readonly Type: string;
  readonly Source: string;
  readonly Destination: string;
}

/** What the guest has mounted of the NAS, and what each container has mounted that does so, by its process. */
export interface Shares {
  readonly ofGuest: readonly KernelMount[];
  readonly within: ReadonlyMap<number, readonly KernelMount[]>;
}

export const SHARES: Command = ["grep", "-F", " - nfs", "/proc/self/mountinfo"];

/** The root is in each: one whose mounts can't be read has no line at all. */
export const sharesWithin = (pids: readonly number[]): Command => [
  ...(["grep", "-HsE", " - nfs| / / ", ...pids.map((pid) => `/proc/${pid}/mountinfo`)] as const),
];

export function sharesBy(answer: Answer | undefined): Shares["within"] {
  const found = new Map<number, KernelMount[]>();
  for (const line of (answer?.stdout ?? "").split("\n")) {
    const [, pid, rest] = /^\/proc\/(\d+)\/mountinfo:(.*)$/.exec(line) ?? [];
    if (pid !== undefined) found.set(Number(pid), [...(found.get(Number(pid)) ?? []), ...mountinfo(rest ?? "")]);
  }
  return found;
}

/** The share that a path of the guest is on: the innermost, and of several at one place the last. */
const shareOf = (path: string, shares: readonly KernelMount[]): KernelMount | undefined =>
  shares
    .filter(({ target }) => isUnder(path, target))
    .reduce<KernelMount | undefined>(
      (found, share) => (found === undefined || share.target.length >= found.target.length ? share : found),
      undefined,
    );

/** Path on the NAS. */
const remote = ({ source, root }: KernelMount, below = ""): string => plain(`${source}/${root}/${below}`);

function isOld({ Source, Destination }: Bound, inside: readonly KernelMount[], share: KernelMount): boolean {
  const has = inside.findLast(({ target }) => target === plain(Destination));
  // Of one that is mounted at a link of the image nothing is known; one that has no share at all began on an empty folder.
  if (has === undefined || !isNfs(has)) return !inside.some(isNfs);
  if (has.device === share.device) return false;
  // An export within the export is a file system of its own, mounted by itself and on demand.
  const same = remote(has) === remote(share, plain(Source).slice(share.target.length));
  return !(same && has.source !== share.source);
}

/** @param pid of the container: one whose mounts can't be known is not on an old one. */
export function isOnOldMount(bound: readonly Bound[], pid: number, { ofGuest, within }: Shares): boolean {
  const inside = within.get(pid);
  if (inside === undefined) return false;
  return bound.some((one) => {
    const share = shareOf(plain(one.Source), ofGuest);
    return one.Type === "bind" && share !== undefined && isOld(one, inside, share);
  });
}

/** Whether it has anything of a share mounted, by what Docker says. */
export const usesShare = (bound: readonly Bound[], shares: readonly KernelMount[]): boolean =>
  bound.some(({ Type, Source }) => Type === "bind" && shareOf(plain(Source), shares) !== undefined);
