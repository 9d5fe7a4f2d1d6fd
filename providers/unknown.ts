/**
 * What the dynamic-provider process is handed in a preview for a value that is not known yet: this one text, whatever
 * the type (a test holds it against the SDK's own constant). Loads nothing of the SDK, which a check has no need of.
 */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is decided only during the update; such a value is valid and is passed on as it is. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN;
}
