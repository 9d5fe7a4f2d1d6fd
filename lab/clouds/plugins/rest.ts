/** Asks one of the clouds' JSON APIs, with its token. One transport for both; the errors carry what the cloud said. */
import { isPlain, type Plain } from "./values";

export class RestError extends Error {
  constructor(
    readonly status: number,
    what: string,
    said: unknown,
  ) {
    super(`${what}: ${status} ${typeof said === "string" ? said : JSON.stringify(said)}`);
  }
}

const TIMEOUT_MS = 30_000;

export class Rest {
  constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  /** @throws RestError where the cloud refuses; the fetch error where it can't be reached */
  async call(method: string, path: string, body?: Plain): Promise<Plain> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    if (!response.ok) throw new RestError(response.status, `${method} ${path}`, text);
    const value: unknown = text === "" ? {} : JSON.parse(text);
    return isPlain(value) ? value : {};
  }

  /** @returns `undefined` where the cloud says that there is no such thing. */
  async find(path: string): Promise<Plain | undefined> {
    try {
      return await this.call("GET", path);
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return undefined;
      throw error;
    }
  }
}
