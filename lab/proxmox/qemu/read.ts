/** `GET .../config` and `.../pending`: what is set, what is waiting, with secrets masked. Pure. */
import { vmidOf, type Call } from "../call";
import { Problem } from "../wire/problem";
import { vmNamed } from "./find";
import { typedValue } from "./options";
import { digestOf } from "./render";

const MASK = "**********";

const shown = (key: string, value: string): string | number => (key === "cipassword" ? MASK : typedValue(key, value));

/** Live values with `current=1`, otherwise what the next boot will see. */
export function readConfig(call: Call): Record<string, string | number> {
  const vm = vmNamed(call.world, vmidOf(call));
  const { snapshot, current } = call.params;
  if (snapshot !== undefined) throw Problem.failed(`snapshot '${snapshot}' does not exist`);
  const values = { ...vm.config };
  if (current !== "1") {
    Object.assign(values, vm.pending);
    for (const key of Object.keys(vm.deletes)) {
      // A pending delete of a false value still shows in the merged view (a bug of 8.4 that callers meet).
      if (vm.config[key] !== "0") Reflect.deleteProperty(values, key);
    }
  }
  const entries = Object.entries(values).map(([key, value]) => [key, shown(key, value)] as const);
  return { ...Object.fromEntries(entries), digest: digestOf(vm) };
}

interface PendingEntry {
  readonly key: string;
  value?: string | number;
  pending?: string | number;
  delete?: 1 | 2;
}

export function readPending(call: Call): PendingEntry[] {
  const vm = vmNamed(call.world, vmidOf(call));
  const entries = new Map<string, PendingEntry>();
  for (const [key, value] of Object.entries(vm.config)) {
    const removed = vm.deletes[key];
    entries.set(key, { key, value: shown(key, value), ...(removed === undefined ? {} : { delete: removed }) });
  }
  for (const [key, value] of Object.entries(vm.pending)) {
    entries.set(key, { ...(entries.get(key) ?? { key }), pending: shown(key, value) });
  }
  return [...entries.values(), { key: "digest", value: digestOf(vm) }];
}
