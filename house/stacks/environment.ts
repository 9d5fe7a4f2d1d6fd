/** The values of a stack's variables on one VM: from the house, its settings, its secrets, or the stack's own defaults. Pure. */
import type { Problem } from "../../values/problem";
import type { Sections } from "../load";
import { answer, type Place } from "./words";
import type { Variable } from "./variables";

export interface Value {
  readonly value: string;
  readonly secret: boolean;
}

/** By variable. */
export type Environment = Readonly<Record<string, Value>>;

export interface ResolvedEnvironment {
  readonly environment: Environment;
  /** Variables that nobody has given a value: the stack can't be deployed. */
  readonly problems: readonly Problem[];
}

/** Values as a section has them: by stack, by variable, and by VM where they differ. */
export type StackValues = Readonly<Record<string, Readonly<Record<string, string | Readonly<Record<string, string>>>>>>;

/**
 * The stacks' secrets in clear.
 * @param sections as the engine hands them to the program; checked by then. What is still encrypted is left out.
 */
export function stackSecrets(sections: Sections): StackValues {
  const clear = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const kept = Object.entries(value).filter(([key, item]) => !(key === "secure" && typeof item === "string"));
    return Object.fromEntries(kept.map(([key, item]) => [key, clear(item)]));
  };
  return (clear(sections.secrets) ?? {}) as StackValues;
}

/** A value as a section has it for one VM; `undefined` where it has none. */
export function given(
  values: StackValues | undefined,
  { vm, stack }: Pick<Place, "vm" | "stack">,
  name: string,
): string | undefined {
  const found = values?.[stack.name]?.[name];
  return typeof found === "object" ? found[vm] : found;
}

function lacking({ name, source }: Variable, { vm, stack }: Place): Problem {
  const of = `${stack.name} on ${vm}`;
  if (source.kind === "secret") {
    const path = `secrets.${stack.name}.${name}`;
    const fix = `set it: infinity pulumi config set --secret --path 'infinity-node:${path}', with .${vm} behind it if it is this VM's alone`;
    return { path, rule: `${of} needs it`, fix };
  }
  const path = `settings.${stack.name}.${name}`;
  const rule = source.kind === "house" ? `${of} needs the house's ${source.word}, which isn't known` : `${of} needs it`;
  return { path, rule, fix: `set infinity-node:${path}, or complete the house` };
}

/** An optional one without a value: absent for a container that is handed it as it is, and empty within a text. */
function missing({ name, source }: Variable, { stack }: Place): Value | undefined {
  const handedOn = Object.values(stack.services).some(({ environment }) => environment[name] === null);
  return handedOn ? undefined : { value: "", secret: source.kind === "secret" };
}

function valueOf(variable: Variable, place: Place, secrets: StackValues): Value | Problem | undefined {
  const { name, source, example } = variable;
  if (source.kind === "secret") {
    const value = given(secrets, place, name);
    if (value !== undefined && value !== "") return { value, secret: true };
    return source.need === "optional" ? missing(variable, place) : lacking(variable, place);
  }
  const set = given(place.house.settings, place, name);
  const value = set ?? (source.kind === "house" ? answer(source.word, place, example) : example);
  if (source.kind === "house") return value === undefined ? lacking(variable, place) : { value, secret: false };
  if (value !== undefined && value !== "") return { value, secret: false };
  return source.need === "optional" ? missing(variable, place) : lacking(variable, place);
}

/** @param secrets in clear: {@link stackSecrets}. */
export function environmentOf(place: Place, secrets: StackValues): ResolvedEnvironment {
  const found = place.stack.variables.map((variable) => [variable.name, valueOf(variable, place, secrets)] as const);
  return {
    environment: Object.fromEntries(
      found.flatMap(([name, one]) => (one && "value" in one && "secret" in one ? [[name, one] as const] : [])),
    ),
    problems: found.flatMap(([, one]) => (one && "rule" in one ? [one] : [])),
  };
}
