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
  /** How long a VM that was just started may take until it lets us in, in seconds. @default 600 */
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

/** A guest that is coming up is unreachable, then lets nobody in, then breaks a connection when its network settles. */
const comesUp = (error: unknown): boolean =>
  error instanceof SshError && ["unreachable", "denied", "dropped", "privilege"].includes(error.kind);

/** What cloud-init is still at would be undone by it, or be in its way. Where there is none, there is nothing to wait for. */
const SETTLED = "! command -v cloud-init >/dev/null || cloud-init status --wait >/dev/null || true";

async function letIn({ host }: Session, waitSeconds: number): Promise<void> {
  const until = Date.now() + waitSeconds * 1000;
  await backOff(() => host.run(["true"], { reads: true, sudo: true }), {
    numOfAttempts: Number.POSITIVE_INFINITY,
    startingDelay: FIRST_DELAY_MS,
    maxDelay: LONGEST_DELAY_MS,
    retry: (error: unknown) => comesUp(error) && Date.now() < until,
  });
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

export function guestLifecycleOf(session: (guest: GuestRef) => Session): Lifecycle<GuestSpec, GuestState> {
  const inputsOf = ({ connection, system, ...inputs }: GuestState): GuestSpec => inputs;
  return spoken(({ name }) => `guest ${name ?? "?"}`, {
    check: (_olds, news) =>
      Promise.resolve({ inputs: canonical(news as GuestSpec), failures: failuresOf(schema, news) }),

    diff: (_id, olds, news) =>
      Promise.resolve({ replaces: olds.name === news.name ? [] : ["name"], deleteBeforeReplace: true }),

    async create(inputs) {
      const guest = session(inputs);
      await letIn(guest, inputs.waitSeconds ?? 600);
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
