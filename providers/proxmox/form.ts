/** Parameters on the wire. Pure. */
import type { Params } from "./client";

/**
 * `application/x-www-form-urlencoded` with every reserved character percent-encoded: PVE 8.4 splits a pair on each `=`,
 * and reads `+` as a blank in forms but not in the values that it decodes a second time (sshkeys). Booleans are 1 and 0
 * (`true` is refused), undefined parameters are left out.
 */
export function encodeForm(params: Params = {}): string {
  return Object.entries(params)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${encode(key)}=${encode(wireText(value))}`]))
    .join("&");
}

const wireText = (value: string | number | boolean): string =>
  typeof value === "boolean" ? (value ? "1" : "0") : String(value);

/** encodeURIComponent leaves `!'()*` as they are. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
