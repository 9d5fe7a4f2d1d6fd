/** How a request says who asks: an API token as it is, or a login's ticket, renewed before it ends. */
import { ProxmoxError, type Params } from "./client";
import type { Credentials } from "./credentials";
import type { Request, Transport } from "./transport";

export interface Authentication {
  /** The headers of a request. @throws ProxmoxError where the login was refused. */
  headers(method: Request["method"]): Promise<Readonly<Record<string, string>>>;
  /**
   * Told that a request with these headers was answered 401.
   * @returns whether a repetition has a chance, with new headers.
   */
  refused(headers: Readonly<Record<string, string>>): boolean;
  /** What to do about a 401 that stays. */
  readonly advice: string;
}

/** A ticket lives for two hours (AccessControl.pm); a request that waits in the pool must not come too late. */
const TICKET_MS = 105 * 60_000;

/** What a login by password takes besides it. */
export interface LoginOptions {
  /** Milliseconds; the clock that tickets age by. */
  readonly now: () => number;
  /** Gives the code of a user who has a second factor. @default there is none, and the login fails */
  readonly secondFactor?: () => Promise<string>;
}

export function authenticate(credentials: Credentials, send: Transport["send"], options: LoginOptions): Authentication {
  return credentials.kind === "token" ? byToken(credentials.token) : byTicket(credentials, send, options);
}

function byToken(token: string): Authentication {
  const headers = Promise.resolve({ authorization: `PVEAPIToken=${token}` });
  const id = token.slice(0, token.indexOf("="));
  return {
    headers: () => headers,
    refused: () => false,
    advice: `check the API token ${id}: hypervisor.apiToken or PROXMOX_VE_API_TOKEN, as user@realm!id=secret`,
  };
}

interface Login {
  readonly ticket: string;
  readonly csrf: string;
  readonly since: number;
}

function byTicket(
  { user, password }: Extract<Credentials, { kind: "ticket" }>,
  send: Transport["send"],
  options: LoginOptions,
): Authentication {
  const { now } = options;
  const advice = `check user ${user} and its password: hypervisor.user and password, or PROXMOX_VE_USERNAME and PROXMOX_VE_PASSWORD`;
  // One login at a time, shared by all who wait for it; a refused one stays refused, because repeating it locks accounts.
  let login: Promise<Login> | undefined;
  let current: Login | undefined;
  const start = (): Promise<Login> => {
    current = undefined;
    login = logIn({ username: user, password }, send, options, advice).then(
      (done) => (current = done),
      (error: unknown) => {
        if (!(error instanceof ProxmoxError && error.status === 401)) login = undefined;
        throw error;
      },
    );
    return login;
  };
  const valid = (): Promise<Login> =>
    login === undefined || (current !== undefined && now() - current.since >= TICKET_MS) ? start() : login;
  return {
    advice,
    headers: async (method) => {
      const { ticket, csrf } = await valid();
      return { cookie: cookieOf(ticket), ...(method === "GET" ? {} : { csrfpreventiontoken: csrf }) };
    },
    refused: (headers) => {
      // Another request may have renewed it meanwhile: then this one only repeats.
      if (current !== undefined && headers.cookie === cookieOf(current.ticket)) login = current = undefined;
      return true;
    },
  };
}

const cookieOf = (ticket: string): string => `PVEAuthCookie=${encodeURIComponent(ticket)}`;

interface Answer {
  readonly ticket?: unknown;
  readonly CSRFPreventionToken?: unknown;
  readonly NeedTFA?: unknown;
}

const LOGIN = { method: "POST", path: "/access/ticket" } as const;

async function logIn(
  given: { readonly username: string; readonly password: string },
  send: Transport["send"],
  { now, secondFactor }: LoginOptions,
  advice: string,
): Promise<Login> {
  const ask = async (params: Params): Promise<Answer> => {
    const data = await send({ ...LOGIN, params }).catch((error: unknown) => {
      throw error instanceof ProxmoxError && error.status === 401 ? error.advised(advice) : error;
    });
    return data ?? {};
  };
  // The age counts from before the answer: a slow login is an old ticket.
  let since = now();
  let answer = await ask(given);
  if (answer.NeedTFA) {
    if (!secondFactor || typeof answer.ticket !== "string") throw secondFactorMissing(given.username);
    const password = `totp:${await secondFactor()}`;
    since = now();
    answer = await ask({ username: given.username, password, "tfa-challenge": answer.ticket });
  }
  const { ticket, CSRFPreventionToken: csrf } = answer;
  if (typeof ticket !== "string" || typeof csrf !== "string") {
    const text = "the login's answer has no ticket - is the endpoint a Proxmox VE API?";
    throw new ProxmoxError({ ...LOGIN, status: 200, text });
  }
  return { ticket, csrf, since };
}

function secondFactorMissing(username: string): ProxmoxError {
  const text = `${username} needs a second factor, which a program can't give`;
  return new ProxmoxError({ ...LOGIN, status: 401, text, advice: "use an API token" });
}
