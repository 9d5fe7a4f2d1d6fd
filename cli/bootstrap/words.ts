/** What bootstrapping says before it does anything: the privileges with their reasons, and the steps. Pure. */
import pc from "picocolors";
import { neededPrivileges } from "../../house/privileges";
import type { House } from "../../house/schema";
import { tokenId, type Grant } from "../../providers/proxmox/access/grant";
import { stepText, type GrantPlan } from "../../providers/proxmox/access/plan";
import { columns } from "../table";

export function privilegeLines(house: House): string[] {
  const needed = neededPrivileges(house);
  const rows = needed.map(({ name, purpose, uses }) => [
    name,
    pc.dim(uses.length === 0 ? `${purpose} (nothing in this house yet)` : purpose),
  ]);
  return [pc.bold(`What its token may, and what for: ${needed.length} privileges`), columns(rows, [23]), ""];
}

export function planLines({ steps, notes }: GrantPlan, grant: Grant): string[] {
  const done = steps.length === 0 ? [`\n${tokenId(grant)} is there, with exactly its role: nothing to do`] : [""];
  const kept = steps.some(({ kind }) => kind.endsWith("token"))
    ? []
    : [`${pc.dim("=")} its token ${tokenId(grant)} is kept; --new-token replaces it`];
  return [
    ...done,
    ...steps.map((step) => `${pc.cyan("›")} ${stepText(step)}`),
    ...kept,
    ...notes.map((note) => `${pc.yellow("!")} ${note}`),
  ];
}
