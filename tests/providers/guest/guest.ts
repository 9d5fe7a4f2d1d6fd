/** A simulated guest for tests, and lifecycles on it as the provider has them. Gone after the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGuest, type LabGuest } from "../../../lab/guest/guest";
import { newKey } from "../../../lab/ssh/keys";
import type { Adoption } from "../../../providers/adoption";
import { checkGuest, guestLifecycle, type Surroundings } from "../../../providers/guest/lifecycle";
import type { GuestRef, OnGuest } from "../../../providers/guest/guest";
import { freshLogin } from "../../../providers/guest/session";
import type { Kind } from "../../../providers/guest/kind";
import { connectHost } from "../../../providers/ssh/connectHost";
import type { Host } from "../../../providers/ssh/host";
import { ownKeys } from "../../../providers/ssh/ownKeys";
import type { SshTarget } from "../../../providers/ssh/target";

export interface TestGuest extends LabGuest {
  /** How its resources name it. */
  readonly ref: GuestRef;
  readonly publicKey: string;
  /** Where its `/` lies. */
  readonly root: string;
  readonly host: Host;
  readonly target: SshTarget;
  readonly surroundings: Surroundings;
  adopting: Adoption | undefined;
  /** Commands that were sent since the last call, without reads of files. */
  sent(): string[];
  /** @returns commands that were sent to it and that it does not know: there should be none. */
  end(): Promise<string[]>;
}

export async function openGuest(): Promise<TestGuest> {
  const dir = mkdtempSync(join(tmpdir(), "infinity-guest-"));
  const key = newKey();
  const lab = await startGuest({ dir, hostname: "infinity-node-emby", user: "evan", keys: [key.public] });
  const target: SshTarget = {
    address: "127.0.0.1",
    port: lab.port,
    user: "evan",
    hostKey: lab.hostKey,
    auth: { kind: "key", text: key.private },
  };
  // Repetitions in tests don't wait.
  const host = connectHost(target, { firstDelayMs: 1 });
  const ref = { name: "emby", address: "127.0.0.1", port: lab.port, user: "evan", hostKey: lab.hostKey };
  const login = (): Promise<void> => freshLogin(target, { firstDelayMs: 1 });
  let seen = 0;
  const guest: TestGuest = Object.create(lab, {
    ref: { value: ref },
    publicKey: { value: key.public },
    root: { value: join(dir, "root") },
    host: { value: host },
    target: { value: target },
    adopting: { value: undefined, writable: true },
    surroundings: {
      value: {
        session: () => ({ host, login, keys: () => ownKeys(target) }),
        adoption: () => guest.adopting,
      } satisfies Surroundings,
    },
    sent: {
      value: () => {
        const all = lab.operations.slice(seen).map(({ text }) => text);
        seen = lab.operations.length;
        return all;
      },
    },
    end: {
      value: async () => {
        await host.close();
        await lab.close();
        rmSync(dir, { recursive: true, force: true });
        return lab.operations.filter((operation) => operation.unknown).map(({ text }) => text);
      },
    },
  }) as TestGuest;
  return guest;
}

/** The look: the one command that changes nothing. */
export const LOOK = "sudo -n -- sh";

/** A resource as the engine drives it: each call checks first, and `read` is another process's. */
export function resourceOf<Inputs extends OnGuest, Seen>(
  guest: Pick<TestGuest, "ref" | "surroundings">,
  kind: Kind<Inputs, Seen>,
) {
  const lifecycle = guestLifecycle(kind, guest.surroundings);
  const checked = (spec: Omit<Inputs, "host">, olds: object = {}): Inputs => {
    const { inputs, failures } = checkGuest(kind, olds, { host: guest.ref, ...spec });
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  };
  return {
    lifecycle,
    checked,
    create: async (spec: Omit<Inputs, "host">): Promise<Inputs> => (await lifecycle.create(checked(spec))).outs,
    read: async (state: Inputs): Promise<Inputs | undefined> => (await lifecycle.read("", state)).inputs,
    update: async (olds: Inputs, spec: Omit<Inputs, "host">): Promise<Inputs> =>
      (await lifecycle.update("", olds, checked(spec, olds))).outs,
  };
}
