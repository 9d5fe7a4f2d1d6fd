/** How a request says who asks: an API token as it is, or a login's ticket, renewed before it ends. */
import { ProxmoxError } from "./client";
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

/** @param now milliseconds; the clock that tickets age by. */
export function authenticate(credentials: Credentials, send: Transport["send"], now: () => number): Authentication {
  return credentials.kind === "token" ? byToken(credentials.token) : byTicket(credentials, send, now);
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
  now: () => number,
): Authentication {
  const advice = `check user ${user} and its password: hypervisor.user and password, or PROXMOX_VE_USERNAME and PROXMOX_VE_PASSWORD`;
  // One login at a time, shared by all who wait for it; a refused one stays refused, because repeating it locks accounts.
  let login: Promise<Login> | undefined;
  let current: Login | undefined;
  const start = (): Promise<Login> => {
    current = undefined;
    login = logIn(user, password, send, now, advice).then(
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

async function logIn(
  username: string,
  password: string,
  send: Transport["send"],
  now: () => number,
  advice: string,
): Promise<Login> {
  const request = { method: "POST", path: "/access/ticket" } as const;
  // The age counts from before the answer: a slow login is an old ticket.
  const since = now();
  const data = await send({ ...request, params: { username, password } }).catch((error: unknown) => {
    throw error instanceof ProxmoxError && error.status === 401 ? error.advised(advice) : error;
  });
  const { ticket, CSRFPreventionToken: csrf, NeedTFA } = (data ?? {}) as Record<string, unknown>;
  if (NeedTFA) {
    const text = `${username} needs a second factor, which a program can't give`;
    throw new ProxmoxError({ ...request, status: 401, text, advice: "use an API token" });
  }
  if (typeof ticket !== "string" || typeof csrf !== "string") {
    throw new ProxmoxError({
      ...request,
      status: 200,
      text: "the login's answer has no ticket - is the endpoint a Proxmox VE API?",
    });
  }
  return { ticket, csrf, since };
}
