/** Property strings (`local-lvm:8,ssd=1`): parsing with Proxmox's rules and wording, and printing. Pure. */
import { checkFields, type Field } from "./schema";

export interface Property extends Field {
  /** Its value may stand without a key. */
  readonly defaultKey?: boolean;
  /** Another name of that property. */
  readonly alias?: string;
  /** The key itself is a value: `virtio=MAC` sets `model` to `virtio`. */
  readonly keyAlias?: string;
}

export type PropertyFormat = Readonly<Record<string, Property>>;
export type Properties = Record<string, string>;

/** A text that is not in the format; `message` is what stands behind `invalid format - `. */
export class PropertyError extends Error {}

const TRUE = /^(1|on|yes|true)$/i;
const FALSE = /^(0|off|no|false)$/i;

function canonicalBoolean(value: string): string {
  if (TRUE.test(value)) return "1";
  return FALSE.test(value) ? "0" : value;
}

function split(format: PropertyFormat, text: string): Properties {
  const values: Properties = {};
  const defaultKey = Object.keys(format).find((key) => format[key]?.defaultKey);
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const pair = /^([^=]+)=(.+)$/s.exec(part);
    if (pair) {
      let key = pair[1] ?? "";
      const value = pair[2] ?? "";
      if (values[key] !== undefined)
        throw new PropertyError(`duplicate key in comma-separated list property: ${key}\n`);
      const { alias, keyAlias } = format[key] ?? {};
      if (alias !== undefined) {
        if (keyAlias !== undefined) {
          if (values[keyAlias] !== undefined) throw new PropertyError(`key alias '${keyAlias}' is already defined\n`);
          values[keyAlias] = key;
        }
        key = alias;
      }
      values[key] = format[key]?.type === "boolean" ? canonicalBoolean(value) : value;
    } else if (part.includes("=")) {
      throw new PropertyError("missing key in comma-separated list property\n");
    } else {
      if (defaultKey === undefined)
        throw new PropertyError("value without key, but schema does not define a default key\n");
      if (values[defaultKey] !== undefined)
        throw new PropertyError(`duplicate key in comma-separated list property: ${defaultKey}\n`);
      values[defaultKey] = format[defaultKey]?.type === "boolean" ? canonicalBoolean(part) : part;
    }
  }
  return values;
}

/**
 * The values of a property string, aliases resolved, booleans as 1 and 0.
 * @throws PropertyError where the text breaks the format; `path` (`scsi0`) prefixes its inner errors
 */
export function parseProperties(format: PropertyFormat, text: string, path: string): Properties {
  const values = split(format, text);
  const errors = checkFields(format, values, `${path}.`);
  const lines = Object.keys(errors)
    .sort()
    .map((key) => `${key}: ${errors[key] ?? ""}\n`);
  if (lines.length > 0) throw new PropertyError(`format error\n${lines.join("")}`);
  return values;
}

/** A field's check that holds a value against a property format. */
export function propertyCheck(format: PropertyFormat): (value: string, path: string) => string | undefined {
  return (value, path) => {
    try {
      parseProperties(format, value, path);
      return undefined;
    } catch (error) {
      if (error instanceof PropertyError) return error.message;
      throw error;
    }
  };
}
