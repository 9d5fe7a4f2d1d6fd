/** A copy is of something else that is there before it. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";

/** The VM of the house that one is a copy of, if it is one of the house. */
export function cloneSource(house: Pick<Draft, "vms">, name: string): string | undefined {
  const vms = house.vms ?? {};
  const from = vms[name]?.clone?.from;
  if (typeof from !== "number") return from;
  return Object.keys(vms).find((other) => vms[other]?.vmid === from);
}

/** Whether following the copies from here leads back here. */
function leadsBack(house: Pick<Draft, "vms">, name: string): boolean {
  const seen = new Set<string>();
  for (let at = cloneSource(house, name); at !== undefined && !seen.has(at); at = cloneSource(house, at)) {
    if (at === name) return true;
    seen.add(at);
  }
  return false;
}

export function cloneProblems(draft: Draft): Problem[] {
  const vms = draft.vms ?? {};
  return Object.entries(vms).flatMap(([name, { clone }]): Problem[] => {
    if (clone === undefined) return [];
    const [path, value] = [`vms.${name}.clone.from`, String(clone.from)];
    if (typeof clone.from === "string" && vms[clone.from] === undefined)
      return [{ path, value, rule: "is no VM of the house", fix: "name one of its VMs, or a VMID" }];
    if (leadsBack(draft, name))
      return [{ path, value, rule: "leads back to this VM", fix: "name what it is a copy of, a template mostly" }];
    if (clone.full !== false || clone.storage === undefined) return [];
    const rule = "a linked clone lies where its template does";
    return [{ path: `vms.${name}.clone.storage`, value: clone.storage, rule, fix: "leave it out, or say full: true" }];
  });
}
