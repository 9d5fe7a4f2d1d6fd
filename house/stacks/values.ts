/** Values that the house gives to stacks' variables are for variables that there are. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";
import type { Placed } from "./placed";
import type { Variable } from "./variables";

type Section = "settings" | "secrets";

function problemOf(section: Section, variable: Variable | undefined): { rule: string; fix: string } | undefined {
  if (!variable) return { rule: "the stack has no such variable", fix: "correct it: its .env.example has their names" };
  if (section === "settings" && variable.source.kind === "secret")
    return { rule: "is a secret, which must not stand in clear", fix: "set it under secrets, encrypted" };
  if (section === "secrets" && variable.source.kind !== "secret")
    return { rule: "is no secret", fix: "set it under settings" };
  return undefined;
}

/** VMs that a value is given for; none where it is for all of them. */
const byVm = (value: unknown): string[] => (typeof value === "object" && value !== null ? Object.keys(value) : []);

/** @returns no values: a secret may stand in the wrong section. */
export function valueProblems(house: Draft, placed: Placed): Problem[] {
  const all = Object.values(placed).flat();
  return (["settings", "secrets"] as const).flatMap((section) => {
    const given: Readonly<Record<string, Readonly<Record<string, unknown>>>> = house[section] ?? {};
    return Object.entries(given).flatMap(([name, values]) => {
      const path = `${section}.${name}`;
      const stacks = all.filter((stack) => stack.name === name);
      if (stacks.length === 0)
        return [{ path, rule: "no VM runs a stack of that name", fix: "correct it, or take it out" }];
      return Object.entries(values).flatMap(([key, value]) => {
        // One that only another variant uses stays, for the day when it is that one's turn again.
        const known = stacks.flatMap(({ variables, unused }) => [...variables, ...unused]);
        const variable = known.find((one) => one.name === key);
        const problem = problemOf(section, variable);
        const strangers = byVm(value);
        return [
          ...(problem ? [{ path: `${path}.${key}`, ...problem }] : []),
          ...strangers
            .filter((vm) => !placed[vm]?.some((stack) => stack.name === name))
            .map((vm) => ({
              path: `${path}.${key}.${vm}`,
              rule: `is no VM that runs ${name}`,
              fix: "correct it, or take it out",
            })),
        ];
      });
    });
  });
}
