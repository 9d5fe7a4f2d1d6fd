/** The rules that hold for every stack, wherever it runs. Pure. */
import type { Problem } from "../../../values/problem";
import type { Compose } from "../compose";
import type { StackFolder } from "../folder";
import type { Stack } from "../stack";
import type { Variable } from "../variables";
import { containerProblems } from "./containers";
import { mountProblems } from "./mounts";
import { networkProblems } from "./networks";
import { secretProblems } from "./secrets";
import { updaterProblems } from "./updater";
import { variableProblems } from "./variables";
import { vpnProblems } from "./vpn";

export interface Judged {
  readonly folder: StackFolder;
  readonly stack: Stack;
  readonly compose: Compose;
  /** Every variable of `.env.example`; the stack has those that it uses. */
  readonly variables: readonly Variable[];
}

function nameProblems({ folder, stack, compose }: Judged): Problem[] {
  if (compose.name === folder.name) return [];
  const rule = "is not the folder's name, by which the house and the data know the stack";
  return [
    { path: `stacks/${folder.name}/${stack.file}: name`, value: compose.name, rule, fix: `name it ${folder.name}` },
  ];
}

/** @returns problems without their place; each rule names what it looked at from the Compose file down. */
export function stackProblems(judged: Judged): Problem[] {
  const { stack } = judged;
  const inFile = [
    ...containerProblems(stack),
    ...networkProblems(stack),
    ...mountProblems(stack),
    ...updaterProblems(stack),
    ...secretProblems(judged),
    ...vpnProblems(judged),
  ].map((problem) => ({ ...problem, path: `stacks/${stack.name}/${stack.file}: ${problem.path}` }));
  return [...nameProblems(judged), ...inFile, ...variableProblems(judged)];
}
