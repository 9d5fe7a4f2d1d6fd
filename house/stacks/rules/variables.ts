/** Every variable that a stack uses is described in its `.env.example`, and the other way round. Pure. */
import type { Problem } from "../../../values/problem";
import { composeFile, EXAMPLE, variantsOf } from "../folder";
import { textsIn, usesIn, variablesIn } from "../interpolation";
import { namesIn } from "../variables";
import type { Judged } from "./stack";

export function variableProblems(judged: Judged): Problem[] {
  const { folder, stack, compose, variables } = judged;
  const file = `stacks/${folder.name}/${stack.file}`;
  const example = `stacks/${folder.name}/${EXAMPLE}`;
  // One that is described badly is told as that.
  const known = new Set(namesIn(folder.files[EXAMPLE] ?? ""));
  const used = new Set([
    ...Object.values(stack.services).flatMap((service) => service.variables),
    ...variablesIn(compose["x-infinity"]),
  ]);
  const undescribed = [...used]
    .filter((name) => !known.has(name))
    .map((name) => ({
      path: file,
      value: name,
      rule: "is used and not described",
      fix: `describe it in ${EXAMPLE}: a comment that ends with [setting] or [secret], and ${name}= below it`,
    }));
  const fallbacks = textsIn(compose.services)
    .flatMap(usesIn)
    .filter(({ fallback }) => fallback)
    .map(({ name }) => ({
      path: file,
      value: name,
      rule: "has a value here and another in .env.example",
      fix: `write \${${name}}, and its default into ${EXAMPLE}`,
    }));
  const filled = variables
    .filter(({ source, example: value }) => source.kind === "secret" && value !== "")
    .map(({ name }) => ({ path: `${example}: ${name}`, rule: "is a secret in clear", fix: "leave it empty" }));
  return [...undescribed, ...fallbacks, ...filled, ...unusedProblems(judged, example)];
}

/** A variable is needed by one variant at least. Said for the default one only, so that it is said once. */
function unusedProblems({ folder, stack, variables }: Judged, path: string): Problem[] {
  if (stack.variant !== undefined) return [];
  const texts = [undefined, ...variantsOf(folder)].map((variant) => folder.files[composeFile(variant)] ?? "");
  return variables
    .filter(({ name }) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)))
    .map(({ name }) => ({
      path: `${path}: ${name}`,
      rule: "no Compose file of the stack uses it",
      fix: "take it out",
    }));
}
