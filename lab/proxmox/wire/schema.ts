/** Parameters of an endpoint as small typed schemas, checked with the wording of PVE's JSONSchema.pm. Pure. */
import { Problem } from "./problem";

/** The text behind `invalid format - `, or `undefined` where the value is fine. */
export type Format = (value: string, path: string) => string | undefined;

export interface Field {
  readonly type: "string" | "integer" | "number" | "boolean";
  /** @default true: most parameters of Proxmox are */
  readonly required?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly values?: readonly string[];
  readonly pattern?: RegExp;
  readonly format?: Format;
  /** Another parameter that has to come with it. */
  readonly requires?: string;
}

export type Fields = Readonly<Record<string, Field>>;
/** As it came in: text, or an array where a form repeated its key. */
export type RawParams = Readonly<Record<string, string | readonly string[]>>;
export type Params = Readonly<Record<string, string>>;

const TYPES = { integer: /^[+-]?\d+$/, number: /^[+-]?(\d+\.?\d*|\.\d+)$/, boolean: /^[01]$/, string: /[^]*/ } as const;
const UNKNOWN = "property is not defined in schema and the schema does not allow additional properties";

function checkType(field: Field, value: string | readonly string[]): string | undefined {
  if (typeof value !== "string") return `type check ('${field.type}') failed - got ARRAY`;
  return TYPES[field.type].test(value) ? undefined : `type check ('${field.type}') failed - got '${value}'`;
}

function checkBounds(field: Field, value: string): string | undefined {
  if (field.maxLength !== undefined && value.length > field.maxLength)
    return `value may only be ${field.maxLength} characters long`;
  if (field.minLength !== undefined && value.length < field.minLength)
    return `value must be at least ${field.minLength} characters long`;
  if (field.minimum !== undefined && Number(value) < field.minimum)
    return `value must have a minimum value of ${field.minimum}`;
  if (field.maximum !== undefined && Number(value) > field.maximum)
    return `value must have a maximum value of ${field.maximum}`;
  return undefined;
}

function checkValue(field: Field, value: string | readonly string[], path: string): string | undefined {
  const type = checkType(field, value);
  if (type !== undefined || typeof value !== "string") return type;
  const format = field.format?.(value, path);
  if (format !== undefined) return `invalid format - ${format}`;
  if (field.pattern && !field.pattern.test(value)) return "value does not match the regex pattern";
  if (field.values && !field.values.includes(value))
    return `value '${value}' does not have a value in the enumeration '${field.values.join(", ")}'`;
  return checkBounds(field, value);
}

/** Problems per parameter, with `prefix` before each name; empty where all is fine. */
export function checkFields(fields: Fields, params: RawParams, prefix = ""): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [key, value] of Object.entries(params)) {
    const field = fields[key];
    const problem = field ? checkValue(field, value, prefix + key) : UNKNOWN;
    if (problem !== undefined) errors[prefix + key] = problem;
    const needed = field?.requires;
    if (needed !== undefined && params[needed] === undefined)
      errors[prefix + needed] = `missing property - '${prefix}${key}' requires this property`;
  }
  for (const [key, field] of Object.entries(fields)) {
    if (field.required && params[key] === undefined)
      errors[prefix + key] = "property is missing and it is not optional";
  }
  return errors;
}

/** The parameters as text, checked. @throws Problem 400 with `errors` per parameter */
export function verify(fields: Fields, params: RawParams): Params {
  const errors = checkFields(fields, params);
  if (Object.keys(errors).length > 0) throw Problem.parameters(errors);
  return params as Params;
}
