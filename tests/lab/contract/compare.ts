/**
 * Where two answers differ. Both in canonical form; random names are bound on the way. Pure but for the bindings.
 */
import { canonical, isEntry, isList } from "./canonical";
import type { Json } from "./exchange";
import type { Names } from "./names";

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: Json;
  /** Where the body is not JSON. */
  readonly rawBody?: string;
}

/** One line each: where, what was recorded, what the lab said. Empty: they agree. */
export function differences(recorded: Answer, live: Answer, names: Names): string[] {
  return [
    ...leaf("status", recorded.status, live.status, names),
    ...leaf("reason", recorded.reason, live.reason, names),
    ...tree("body", canonical(recorded.body), canonical(live.body), names),
    ...leaf("text", recorded.rawBody ?? "", live.rawBody ?? "", names),
  ];
}

function tree(at: string, recorded: Json, live: Json, names: Names): string[] {
  if (isList(recorded) && isList(live)) return lists(at, recorded, live, names);
  if (isEntry(recorded) && isEntry(live)) {
    const keys = new Set([...Object.keys(recorded), ...Object.keys(live)]);
    return [...keys].flatMap((key) => field(`${at}.${key}`, recorded[key], live[key], names));
  }
  return leaf(at, recorded, live, names);
}

function lists(at: string, recorded: readonly Json[], live: readonly Json[], names: Names): string[] {
  const length = Math.max(recorded.length, live.length);
  return Array.from({ length }, (_, i) => field(`${at}[${i}]`, recorded[i], live[i], names)).flat();
}

function field(at: string, recorded: Json | undefined, live: Json | undefined, names: Names): string[] {
  if (recorded === undefined) return [`${at}: not recorded, got ${JSON.stringify(live)}`];
  if (live === undefined) return [`${at}: recorded ${JSON.stringify(recorded)}, got nothing`];
  return tree(at, recorded, live, names);
}

function leaf(at: string, recorded: Json, live: Json, names: Names): string[] {
  const same =
    typeof recorded === "string" && typeof live === "string" ? names.agree(recorded, live) : Object.is(recorded, live);
  return same ? [] : [`${at}: recorded ${JSON.stringify(recorded)}, got ${JSON.stringify(live)}`];
}
