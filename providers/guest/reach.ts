/**
 * The guest itself, as far as it answers: its first resource, that waits for a VM to come up and for its cloud-init, and
 * keeps the host key that was seen first. Every other resource on the guest takes its `connection`.
 */
import { backOff } from "exponential-backoff";
import { z } from "zod";
import { canonical } from "../canonical";
import { failuresOf } from "../failures";
import type { Lifecycle } from "../lifecycle";
import { spoken } from "../spoken";
import { SshError } from "../ssh/error";
import { ask } from "./bulk";
import type { GuestRef } from "./guest";
import { sessionFor } from "./session";
import type { Session } from "./step";

export interface GuestSpec extends GuestRef {
  /**
   * How long a VM that was just started may take until it lets us in, in seconds. One that answers and refuses the key is
   * given up on after five minutes, and after one and a half where it answered at once. @default 600
   */
  readonly waitSeconds?: number;
}

export interface GuestState extends GuestSpec {
  /** The same, with the host key that it was seen to have. */
  readonly connection: GuestRef;
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly system: string;
}

const schema: z.ZodType<GuestSpec> = z.strictObject({
  name: z.string().min(1),
  address: z.string().min(1),
  port: z.int().min(1).max(65535).optional(),
  user: z.string().min(1),
  hostKey: z.string().min(1).optional(),
  waitSeconds: z.int().min(0).optional(),
});

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 10_000;

/** How long a guest that answers and lets nobody in is asked again. */
export interface Patience {
  /** Milliseconds to the second time; doubles once. fail2ban shuts out who is refused five times in ten minutes. */
  readonly pauseMs: number;
  /** Milliseconds where it was seen coming up: its sshd is there before cloud-init wrote the keys, by a minute and more. */
  readonly comingUpMs: number;
  /** Milliseconds where it answered at once: it may have been started just before, or be up since long ago. */
  readonly upMs: number;
}

const PATIENCE: Patience = { pauseMs: 15_000, comingUpMs: 300_000, upMs: 90_000 };

/** A guest that is coming up is unreachable, then lets nobody in, then breaks a connection when its network settles. */
const comesUp = (error: unknown): boolean =>
  error instanceof SshError && ["unreachable", "denied", "dropped", "privilege"].includes(error.kind);

const isDenied = (error: unknown): error is SshError => error instanceof SshError && error.kind === "denied";

/** What cloud-init is still at would be undone by it, or be in its way. Where there is none, there is nothing to wait for. */
const SETTLED = "! command -v cloud-init >/dev/null || cloud-init status --wait >/dev/null || true";

/** Exit code 0: cloud-init is still at it, and may yet let its user become root. */
const SETTLING =
  'case "$(cloud-init status 2>/dev/null)" in *running*|*"not started"*|*"not run"*) ;; *) exit 1 ;; esac';

async function mayPass({ host }: Session, error: unknown): Promise<boolean> {
  if (!comesUp(error)) return false;
  if ((error as SshError).kind !== "privilege") return true;
  const asked = host.run(["sh", "-c", SETTLING], { reads: true, accept: [0, 1] });
  return asked.then(
    ({ exitCode }) => exitCode === 0,
    (then: unknown) => comesUp(then),
  );
}

/** Quotes and backslashes together, and a line break: what shells of another kind take for something else. */
const HOSTILE = "it's \\'one\\\\ $HOME !\nargument";

/** @throws Error where the user's log-in shell doesn't hand on arguments as they are. */
async function understood({ host }: Session, user: string): Promise<void> {
  const echo = await host.run(["printf", "%s", HOSTILE], { reads: true, sudo: true, accept: [...Array(256).keys()] });
  // Start-up files may have printed something before it.
  if (echo.exitCode === 0 && echo.stdout.endsWith(HOSTILE)) return;
  const last = `${echo.stdout}\n${echo.stderr}`.trim().split("\n").at(-1) ?? "";
  const said = last === "" ? "" : ` (${last.slice(0, 200)})`;
  throw new Error(
    `${host.name}: ${user}'s log-in shell doesn't take commands as sh does${said} - give it another on the guest: ` +
      `usermod -s /bin/bash ${user}`,
  );
}

/** Being refused has its own, longer pauses, and an earlier end. @throws SshError of the last time */
async function admitted(session: Session, until: number, { pauseMs, comingUpMs, upMs }: Patience): Promise<void> {
  const { host } = session;
  let cameUp = false;
  let since: number | undefined;
  let times = 0;
  const mayTry = (error: unknown): boolean => {
    if (!isDenied(error)) return false;
    times += 1;
    since ??= Date.now();
    return Date.now() + pauseMs < Math.min(until, since + (cameUp ? comingUpMs : upMs));
  };
  const answers = (): Promise<unknown> =>
    backOff(() => host.run(["true"], { reads: true, sudo: true }), {
      numOfAttempts: Number.POSITIVE_INFINITY,
      startingDelay: FIRST_DELAY_MS,
      maxDelay: LONGEST_DELAY_MS,
      retry: async (error: unknown) => {
        if (isDenied(error) || Date.now() >= until || !(await mayPass(session, error))) return false;
        cameUp ||= (error as SshError).kind === "unreachable";
        return true;
      },
    });
  await backOff(answers, {
    numOfAttempts: Number.POSITIVE_INFINITY,
    startingDelay: pauseMs,
    maxDelay: 2 * pauseMs,
    retry: mayTry,
  }).catch((error: unknown) => {
    if (!isDenied(error) || times < 2 || since === undefined) throw error;
    const seconds = Math.round((Date.now() - since) / 1000);
    const text = `${error.text}, ${times} times in ${seconds} s since it answers`;
    throw new SshError(
      { kind: error.kind, host: error.host, text, advice: error.advice, noEffect: true },
      { cause: error },
    );
  });
}

async function letIn(session: Session, { user, waitSeconds = 600 }: GuestSpec, patience: Patience): Promise<void> {
  const { host } = session;
  await admitted(session, Date.now() + waitSeconds * 1000, patience).catch(async (error: unknown) => {
    // It lets in, and true isn't true: that is its shell's doing.
    if (error instanceof SshError && error.kind === "exit") await understood(session, user);
    throw error;
  });
  await understood(session, user);
  await host.run(["sh", "-c", SETTLED], { reads: true, sudo: true, timeoutMs: 900_000 });
}

async function seen({ host }: Session, spec: GuestSpec): Promise<GuestState> {
  const [release] = await ask(host, [["cat", "--", "/etc/os-release"]]);
  const system = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release?.stdout ?? "")?.[1] ?? "unknown";
  const { name, address, port, user, hostKey = await host.hostKey() } = spec;
  return canonical({ ...spec, system, connection: canonical({ name, address, port, user, hostKey }) });
}

/** Its recorded host key counts, where the house pins none: another machine at the address is not it. */
const recorded = (state: Partial<GuestState>, spec: GuestSpec): GuestSpec => ({
  ...spec,
  hostKey: spec.hostKey ?? state.connection?.hostKey,
});

export function guestLifecycleOf(
  session: (guest: GuestRef) => Session,
  patience = PATIENCE,
): Lifecycle<GuestSpec, GuestState> {
  const inputsOf = ({ connection, system, ...inputs }: GuestState): GuestSpec => inputs;
  return spoken(({ name }) => `guest ${name ?? "?"}`, {
    check: (_olds, news) =>
      Promise.resolve({ inputs: canonical(news as GuestSpec), failures: failuresOf(schema, news) }),

    diff: (_id, olds, news) =>
      Promise.resolve({ replaces: olds.name === news.name ? [] : ["name"], deleteBeforeReplace: true }),

    async create(inputs) {
      const guest = session(inputs);
      await letIn(guest, inputs, patience);
      return { id: inputs.name, outs: await seen(guest, inputs) };
    },

    async read(id, state) {
      const inputs = inputsOf(state);
      const props = await seen(session(recorded(state, inputs)), recorded(state, inputs));
      return { id, inputs, props: canonical({ ...props, ...inputs, hostKey: inputs.hostKey }) };
    },

    async update(_id, olds, news) {
      // The same machine elsewhere, unless the house says that it is another one.
      const spec = recorded(olds, news);
      const state = await seen(session(spec), spec);
      return { outs: canonical({ ...state, ...news, hostKey: news.hostKey }) };
    },

    // A guest is its VM's to take away.
    delete: () => Promise.resolve(),
  });
}

export const lifecycle = guestLifecycleOf((guest) => sessionFor(process.env, guest));
