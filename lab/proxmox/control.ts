/** `/lab/...`: what another process may ask of the lab itself, behind a key that only the lab's folder holds. */
import type { CallLog } from "./calls";
import type { Fault, Faults } from "./faults";
import type { Machines } from "./machines";
import { Problem } from "./wire/problem";
import type { World } from "./world";

export interface Control {
  readonly key: string;
  readonly world: World;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly changed: () => void;
  readonly machines?: Machines;
}

/** An edit behind everybody's back: at `path` (`vms.100.config.cores`), `value`, or nothing to remove it. */
export interface Edit {
  readonly path: readonly string[];
  readonly value?: unknown;
}

export const CONTROL_HEADER = "x-lab-key";

/** A fault over the wire: an expression comes as `{ "regex": "..." }`. */
type WireFault = Fault & { readonly match: { readonly path?: string | { readonly regex: string } } };

function addFault(faults: Faults, wire: WireFault): void {
  const path: unknown = wire.match.path;
  const isExpression = typeof path === "object" && path !== null && "regex" in path;
  faults.add(isExpression ? { ...wire, match: { ...wire.match, path: new RegExp(String(path.regex)) } } : wire);
}

function edit(world: World, { path, value }: Edit): void {
  const parents = path.slice(0, -1);
  const key = path.at(-1);
  let at: unknown = world;
  for (const part of parents) at = (at as Record<string, unknown> | undefined)?.[part];
  if (typeof at !== "object" || at === null || key === undefined)
    throw new Problem(400, `no such part of the lab's world: ${path.join(".")}`);
  if (value === undefined) Reflect.deleteProperty(at, key);
  else (at as Record<string, unknown>)[key] = value;
}

function forward({ machines }: Control, { address, port }: { address: string; port: number }): Promise<number> {
  if (machines === undefined) throw new Problem(400, "the guests of this lab are simulated: none can be reached");
  return machines.forward(address, port);
}

/** @throws Problem 403 without the key, 501 for what there is not */
export function controlCall(control: Control, method: string, path: string, key: unknown, body: string): unknown {
  if (key !== control.key) throw new Problem(403, `the lab's control takes its key in ${CONTROL_HEADER}`);
  switch (`${method} ${path}`) {
    case "GET /lab/status":
      return { pid: process.pid, vms: Object.keys(control.world.vms).length };
    case "GET /lab/calls":
      return { counts: control.calls.counts, list: control.calls.list };
    case "POST /lab/calls/reset":
      control.calls.reset();
      return null;
    case "POST /lab/faults":
      addFault(control.faults, JSON.parse(body) as WireFault);
      return null;
    case "DELETE /lab/faults":
      control.faults.clear();
      return null;
    case "GET /lab/world":
      return control.world;
    case "POST /lab/edit":
      edit(control.world, JSON.parse(body) as Edit);
      control.changed();
      return null;
    case "GET /lab/guests":
      return control.machines?.list() ?? [];
    case "POST /lab/guests/forward":
      return forward(control, JSON.parse(body) as { readonly address: string; readonly port: number });
    default:
      throw Problem.notImplemented(method, path);
  }
}
