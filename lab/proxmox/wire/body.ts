/** Requests' bodies and query strings as pveproxy reads them: forms split on every `=`, JSON, nothing else. Pure. */
import { Problem } from "./problem";
import type { RawParams } from "./schema";

const JSON_TYPE = /^application\/json(;|$)/;
const FORM_TYPE = /^application\/x-www-form-urlencoded(;|$)/;

function decode(text: string): string {
  const spaced = text.replace(/\+/g, " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The second piece between `=` is the value: what follows another `=` is lost, as it is on a real server. */
export function parseForm(text: string): RawParams {
  const params: Record<string, string | string[]> = {};
  for (const pair of text.split("&")) {
    if (pair === "") continue;
    const [rawKey, rawValue] = pair.split("=");
    const key = decode(rawKey ?? "");
    const value = decode(rawValue ?? "");
    const before = params[key];
    params[key] = before === undefined ? value : [...(typeof before === "string" ? [before] : before), value];
  }
  return params;
}

function jsonText(value: unknown): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : String(value);
}

function parseJson(text: string): RawParams {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(
      500,
      `malformed JSON string, neither tag, array, object, number, string or atom, at character offset 0`,
      {
        bare: true,
      },
    );
  }
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null && entry !== undefined)
      .map(([key, entry]) => [key, Array.isArray(entry) ? entry.map(jsonText) : jsonText(entry)]),
  );
}

/** Body and query of one request together. @throws Problem 506 on another content type, 500 on broken JSON */
export function readParams(query: string, body: string, contentType: string | undefined): RawParams {
  const fromQuery = parseForm(query);
  if (body === "") return fromQuery;
  if (contentType === undefined || FORM_TYPE.test(contentType)) return { ...fromQuery, ...parseForm(body) };
  if (JSON_TYPE.test(contentType)) return { ...fromQuery, ...parseJson(body) };
  throw new Problem(506, `upload 'Content-Type '${contentType}' not implemented`, { bare: true });
}
