/**
 * Edits of what the house has no word for, of a VM or a storage: told by Proxmox's key, beside what was taken note of at
 * the last `up`. Pure.
 */
import { canonical } from "../canonical";

/** By Proxmox's key, in one spelling for one meaning. */
export type Unnamed = Readonly<Record<string, string>>;

/** `net1: virtio=..,bridge=vmbr0`, `vga: none (was std)`; `undefined` where nothing was edited. */
export function editsSince(
  acknowledged: Unnamed,
  now: Unnamed,
  counts: (key: string) => boolean = () => true,
): Unnamed | undefined {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(acknowledged)])].filter(counts);
  const edits = keys.flatMap((key) => {
    const [then, is] = [acknowledged[key], now[key]];
    if (then === is) return [];
    return [[key, then === undefined ? (is ?? "") : `${is ?? "none"} (was ${then})`] as const];
  });
  return edits.length === 0 ? undefined : canonical(Object.fromEntries(edits));
}

/** @param edits the mark of the last look. */
export const editNotes = (edits: Unnamed = {}): string[] =>
  Object.entries(edits).map(([key, edit]) => `${key}: ${edit}: not in the house - left as it is, up takes note of it`);

/** What was found and had not been marked before: told all the same, though no look came before. */
export const unseenNotes = (found: Unnamed = {}, marked: Unnamed = {}): string[] =>
  editNotes(Object.fromEntries(Object.entries(found).filter(([key, edit]) => marked[key] !== edit)));
