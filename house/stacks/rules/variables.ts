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
  return [
    ...undescribed,
    ...fallbacks,
    ...filled,
    ...unusedProblems(judged, example),
    ...commentProblems(judged, example),
  ];
}

/** Somebody who copies the file to `.env` means by it what the house means that gives a variable no value. */
function commentProblems({ stack, variables }: Judged, path: string): Problem[] {
  const handedOn = new Set(
    Object.values(stack.services).flatMap(({ environment }) =>
      Object.entries(environment).flatMap(([name, value]) => (value === null ? [name] : [])),
    ),
  );
  return variables.flatMap(({ name, source, example, commented }) => {
    const at = `${path}: ${name}`;
    const optional = source.kind !== "house" && source.need === "optional";
    if (commented && (!optional || example !== "")) {
      const rule = optional
        ? "has a value and is commented out: a copied file is without it"
        : "is commented out, and not optional: a copied file lacks it";
      return [{ path: at, rule, fix: optional ? "take out the value, or the #" : "take out the #" }];
    }
    if (commented || !optional || example !== "" || !handedOn.has(name)) return [];
    const rule = "is empty in a copied file, and reaches the container as an empty text instead of not at all";
    return [{ path: at, rule, fix: `comment it out: # ${name}=` }];
  });
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
