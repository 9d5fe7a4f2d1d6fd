/**
 * A VM that was deleted behind the house's back. Its disks went with it, so it is neither dropped from the state nor made
 * again without a word: the next `up` would put a blank VM in its place. Pure.
 */
import type { CheckFailure } from "../../lifecycle";
import { canonical } from "../../canonical";
import type { VmSpec } from "./args";
import { VM_OUTPUTS, type VmInputs, type VmState } from "./inputs";

/** What is recorded of a VM that Proxmox says is not there; everything else about it stays as it was. */
export function goneState(state: VmState): { inputs: VmInputs; props: VmState } {
  const outputs = new Set<string>(VM_OUTPUTS);
  const known = Object.entries(state).filter(([name]) => !outputs.has(name) && name !== "unnamed");
  const inputs = canonical({ ...(Object.fromEntries(known) as unknown as VmInputs), gone: true as const });
  return { inputs, props: canonical({ ...state, ...inputs, unnamed: undefined, status: "stopped", pending: [] }) };
}

/** Why it is not made again, and the three ways on. */
export const goneText = ({ vmid }: { readonly vmid: number }): string =>
  `it was deleted in Proxmox, and its disks with it - restore it under VMID ${vmid} (qmrestore ARCHIVE ${vmid}) and run ` +
  `"pulumi refresh"; or take it out of the house; or, if it may start with empty disks, say recreate: true`;

/** @param olds recorded inputs with the marks of the last look. */
export function goneFailures(olds: Partial<VmInputs>, news: VmSpec): CheckFailure[] {
  if (olds.gone !== true || news.recreate === true) return [];
  return [{ property: "vmid", reason: `${news.vmid}: ${goneText(news)}` }];
}
