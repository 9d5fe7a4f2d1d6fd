/** One part of the house in three states: as recorded at the last `up`, as it is, as the house wants it. Pure. */
import { differences } from "../../providers/differences";
import { grownNote } from "../../providers/proxmox/vm/notes";
import type { Finding } from "./report";

type Properties = Readonly<Record<string, unknown>>;

export interface Three {
  readonly recorded: Properties;
  readonly live: Properties;
  /** `undefined` where it left the house. */
  readonly wanted?: Properties;
  /** What the house did not name at the last `up`, see providers/proxmox/vm/unnamed.ts. */
  readonly acknowledged?: Readonly<Record<string, string>>;
  /** Paths that are never shown. */
  readonly secrets: readonly string[];
}

/** Marks of the look itself: they say how, not what. */
const MARKS = /^(?:unnamed|gone)(?:\.|$)|\.grownFrom$/;

/** Names of properties may have points in them: of a file. */
function at(value: unknown, path: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Properties)[path];
  const name = Object.keys(value).find((key) => path.startsWith(`${key}.`));
  return name === undefined ? undefined : at((value as Properties)[name], path.slice(name.length + 1));
}

function next(property: string, { live, wanted }: Three): string {
  if (wanted === undefined) return "forgets the whole";
  if (/^services\..+\.data\./.test(property)) return "makes it anew there, once the data is there";
  const [is, wants] = [at(live, property), at(wanted, property)];
  const [, slot] = /^disks\.(\w+)\.size$/.exec(property) ?? [];
  const disk = slot === undefined ? undefined : (at(live, `disks.${slot}`) as Properties | undefined);
  if (slot !== undefined && disk !== undefined && JSON.stringify(is) !== JSON.stringify(wants)) {
    if (disk.grownFrom !== undefined) return grownNote(slot, String(wants), String(is));
  }
  return differences(is, wants).length === 0 ? "records it" : "puts it back";
}

function unnamedFindings({ live, acknowledged = {} }: Three): Finding[] {
  const marks = (live.unnamed ?? {}) as Readonly<Record<string, string>>;
  return Object.entries(marks).map(([property, mark]) => {
    const recorded = acknowledged[property];
    const is = recorded === undefined ? mark : mark.slice(0, -` (was ${recorded})`.length);
    const now = recorded !== undefined && is === "none" ? undefined : is;
    return { kind: "unnamed", property, recorded, live: now, next: "takes note of it, and leaves it" };
  });
}

/** A path that is secret, or holds or lies in one that is. */
const touches = (secret: string, property: string): boolean =>
  secret === property || secret.startsWith(`${property}.`) || property.startsWith(`${secret}.`);

function masked(finding: Finding, secrets: readonly string[]): Finding {
  if (!secrets.some((secret) => touches(secret, finding.property))) return finding;
  const mask = (value: unknown) => (value === undefined ? undefined : "[secret]");
  const { recorded, live, wanted } = finding;
  return { ...finding, recorded: mask(recorded), live: mask(live), wanted: mask(wanted) };
}

/** Edits first, then what the house does not name, then what only the house changed. */
export function findings(three: Three): Finding[] {
  const { recorded, live, wanted, secrets } = three;
  const counts = ({ property }: { readonly property: string }): boolean => !MARKS.test(property);
  const edited = differences(recorded, live).filter(counts);
  const edits = edited.map(({ property }): Finding => {
    const [was, is, wants] = [recorded, live, wanted].map((state) => at(state, property));
    return { kind: "edit", property, recorded: was, live: is, wanted: wants, next: next(property, three) };
  });
  const changed = wanted === undefined ? [] : differences(recorded, wanted).filter(counts);
  const overlaps = (property: string): boolean => edits.some((edit) => touches(edit.property, property));
  const changes = changed
    .filter(({ property }) => !overlaps(property))
    .map(({ property, live: was, wanted: wants }): Finding => {
      return { kind: "change", property, recorded: was, live: was, wanted: wants, next: "changes it" };
    });
  return [...edits, ...unnamedFindings(three), ...changes].map((finding) => masked(finding, secrets));
}
