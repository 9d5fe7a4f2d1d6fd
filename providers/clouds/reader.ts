/** Asks a cloud's JSON API with GET, and nothing else: for looking at what is there without its provider. */
import { missingToken, type CloudAccess, type CloudName } from "./access";

const TIMEOUT_MS = 15_000;

/** What a cloud answered instead of what was asked for, or why it could not be asked. */
export class CloudError extends Error {
  constructor(
    readonly path: string,
    /** `undefined` where there was no answer. */
    readonly status: number | undefined,
    said: string,
  ) {
    super(`GET ${path}: ${status === undefined ? "" : `${status} `}${said}`);
  }
}

/** DigitalOcean's `message`, or Cloudflare's `errors`. */
function sentenceOf(text: string): string {
  try {
    const { message, errors } = JSON.parse(text) as { message?: string; errors?: readonly { message?: string }[] };
    return message ?? errors?.map((error) => error.message ?? "").join(", ") ?? "";
  } catch {
    return "";
  }
}

/** Why there was no answer: `fetch` hides it one level down. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

export type CloudReader = (path: string) => Promise<unknown>;

/**
 * @returns the answer as JSON; `undefined` where the cloud says that there is no such thing (404).
 * @throws CloudError where it can't be reached or refuses; an Error where nobody gave a credential
 */
export function cloudReader(cloud: CloudName, { endpoint, token }: CloudAccess): CloudReader {
  return async (path) => {
    if (token === undefined) throw missingToken(cloud);
    const url = `${endpoint}${path}`;
    const asked = { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    // A redirect would take the credential elsewhere.
    const answer = await fetch(url, { ...asked, redirect: "error" }).catch((error: unknown) => {
      throw new CloudError(url, undefined, reasonOf(error));
    });
    const text = await answer.text();
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new CloudError(url, answer.status, sentenceOf(text) || answer.statusText);
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new CloudError(url, answer.status, "the answer is no JSON");
    }
  };
}
