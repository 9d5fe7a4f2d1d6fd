/** What travels between the engine and a plugin: objects as protobuf structs, with marks for unknowns and secrets. Pure. */
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

export type Plain = Readonly<Record<string, unknown>>;

/** The engine's mark of a value that is not known before `up` (pulumi, sdk/go/common/resource/plugin). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key of an object that is something special, and what says that it is a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export const isPlain = (value: unknown): value is Plain =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isPlain(value) && Object.values(value).some(hasUnknown);
}

export const isSecret = (value: unknown): boolean => isPlain(value) && value[SIGNATURE] === SECRET;

export const secret = (value: unknown): Plain => ({ [SIGNATURE]: SECRET, value });

/** The value with every secret in it in clear. */
export function revealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealed);
  if (!isPlain(value)) return value;
  if (isSecret(value)) return revealed(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]));
}

/** Without what is undefined: a struct has no word for it. */
const defined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(defined);
  if (!isPlain(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept.map(([key, item]) => [key, defined(item)]));
};

export const toStruct = (value: Plain): Struct =>
  Struct.fromJavaScript(defined(value) as Parameters<typeof Struct.fromJavaScript>[0]);

/** An absent struct is an empty one. */
export const fromStruct = (struct: Struct | undefined): Plain => struct?.toJavaScript() ?? {};
