/** Which secrets the stacks of a house take, and which of them it has been given. Knows no value. Pure. */
import type { House } from "../schema";
import type { Placed } from "./placed";
import type { Variable } from "./variables";

export interface SecretEntry {
  /** Below `infinity-node:`, as `pulumi config set --path` takes it: `secrets.newt.NEWT_SECRET`. */
  readonly path: string;
  readonly purpose: string;
  readonly need: Extract<Variable["source"], { kind: "secret" }>["need"];
  /** VMs that run the stack. */
  readonly vms: readonly string[];
  /** Those of them that have no value. */
  readonly missing: readonly string[];
}

/** By path, each once, however many VMs run the stack. */
export function secretList(house: House, placed: Placed): SecretEntry[] {
  const found = new Map<string, SecretEntry>();
  for (const [vm, stacks] of Object.entries(placed))
    for (const stack of stacks)
      for (const { name, purpose, source } of stack.variables) {
        if (source.kind !== "secret") continue;
        const path = `secrets.${stack.name}.${name}`;
        const given = house.secrets?.[stack.name]?.[name];
        const has = given === true || given?.[vm] === true;
        const { vms, missing } = found.get(path) ?? { vms: [], missing: [] };
        const lacking = has ? missing : [...missing, vm];
        found.set(path, { path, purpose, need: source.need, vms: [...vms, vm], missing: lacking });
      }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether the house can't be deployed without it. */
export const isLacking = ({ need, missing }: SecretEntry): boolean => need !== "optional" && missing.length > 0;

/** Whether any text will do, and no VM has one that it would differ from. */
export const canBeMadeUp = ({ need, missing, vms }: SecretEntry): boolean =>
  need === "generate" && missing.length === vms.length;
