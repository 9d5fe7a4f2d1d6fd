/** What an updater must leave alone says so: critical stacks, databases, and whatever shares a network. Pure. */
import type { Problem } from "../../../values/problem";
import { networkDependants, type Stack } from "../stack";

/** Watchtower's word for: tell of it, but don't touch it. */
export const NEVER_UPDATED = "com.centurylinklabs.watchtower.monitor-only";

export function updaterProblems(stack: Stack): Problem[] {
  const shared = networkDependants(stack);
  const reasons = (name: string): string | undefined => {
    if (stack.priority === "critical") return "belongs to a critical stack";
    if (stack.backup.postgres?.[name] !== undefined) return "is a database";
    if (shared[name] !== undefined || Object.values(shared).some((names) => names.includes(name)))
      return "shares its network";
    return undefined;
  };
  return Object.entries(stack.services).flatMap(([name, { labels }]) => {
    const reason = reasons(name);
    if (reason === undefined || labels[NEVER_UPDATED] === "true") return [];
    return [
      {
        path: `services.${name}.labels`,
        value: labels[NEVER_UPDATED] ?? undefined,
        rule: `${reason}, and an updater that runs unattended may replace it`,
        fix: `label it ${NEVER_UPDATED}: "true"`,
      },
    ];
  });
}
