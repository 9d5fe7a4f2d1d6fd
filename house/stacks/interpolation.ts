/** Compose's `${VARIABLE}` in texts: which are used, how, and what they become. Pure. */

export interface Use {
  readonly name: string;
  /** `:?`: Compose refuses the file when it is missing or empty. */
  readonly demanded: boolean;
  /** `:-`, `-`, `:+`, `+`: a value that the file brings along. */
  readonly fallback: boolean;
}

const REFERENCE = /\$(?:(\$)|\{([A-Za-z_]\w*)(?:(:?[-?+])([^{}]*))?\}|([A-Za-z_]\w*))/g;

/** References in one text; `$$` is a dollar sign, and none. */
export function usesIn(text: string): Use[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, dollar, braced, operator = "", , bare]) => {
    const name = braced ?? bare;
    if (dollar !== undefined || name === undefined) return [];
    return [{ name, demanded: operator === ":?", fallback: /[-+]$/.test(operator) }];
  });
}

/** Every text in a value, however deep; keys are none. */
export function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Variables that a value uses, each once. */
export const variablesIn = (value: unknown): string[] => [
  ...new Set(
    textsIn(value)
      .flatMap(usesIn)
      .map(({ name }) => name),
  ),
];

/** The text with its variables filled in; one without a value becomes nothing, as in Compose. */
export function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(
    REFERENCE,
    (_, dollar: string | undefined, braced: string | undefined, __, ___, bare: string | undefined) =>
      dollar === undefined ? (values[braced ?? bare ?? ""] ?? "") : "$",
  );
}
