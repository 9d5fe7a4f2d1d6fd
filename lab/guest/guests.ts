/** The simulated guests of a lab: one for each VM that a house looks into. Answers only while its VM runs. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newKey } from "../ssh/keys";
import { startGuest, type LabGuest } from "./guest";

export interface GuestOfVm {
  /** The VM's short name. */
  readonly name: string;
  readonly vmid: number;
  readonly hostname: string;
  /** Who its cloud-init made, and the program logs in as. */
  readonly user: string;
}

/** What a lab's stack has to know of its guests. */
export interface ServingGuests {
  /** Private key that lets the program in. The lab's own, and nobody else's. */
  readonly key: string;
  /** Its line of `authorized_keys`. */
  readonly publicKey: string;
  /** On 127.0.0.1, by short name of the VM. */
  readonly ports: Readonly<Record<string, number>>;
}

export interface LabGuests {
  readonly serving: ServingGuests;
  /** By short name of the VM. */
  readonly byName: Readonly<Record<string, LabGuest>>;
  close(): Promise<void>;
}

interface Keys {
  /** Of the program. */
  readonly client: { readonly private: string; readonly public: string };
  /** Private host keys by short name. */
  readonly hosts: Record<string, string>;
}

/** Kept, so that a host key that was trusted once stays what it was. */
function keysIn(dir: string, guests: readonly GuestOfVm[]): Keys {
  const path = join(dir, "keys.json");
  let keys: Keys;
  try {
    keys = JSON.parse(readFileSync(path, "utf8")) as Keys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    keys = { client: newKey(), hosts: {} };
  }
  for (const { name } of guests) keys.hosts[name] ??= newKey().private;
  writeFileSync(`${path}.tmp`, JSON.stringify(keys), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
  return keys;
}

export interface GuestsOptions {
  /** Folder of everything that they have; made where it is missing. */
  readonly dir: string;
  readonly guests: readonly GuestOfVm[];
  /** Whether a VM runs. */
  readonly isRunning: (vmid: number) => boolean;
  /** Milliseconds of a round trip to each of them. @default 0 */
  readonly latencyMs?: number;
}

export async function startGuests({ dir, guests, isRunning, latencyMs }: GuestsOptions): Promise<LabGuests> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { client, hosts } = keysIn(dir, guests);
  const started = await Promise.all(
    guests.map(async ({ name, vmid, hostname, user }) => {
      const own = { dir: join(dir, name), hostname, user, keys: [client.public], hostKey: hosts[name], latencyMs };
      return [name, await startGuest({ ...own, isUp: () => isRunning(vmid) })] as const;
    }),
  );
  return {
    serving: {
      key: client.private,
      publicKey: client.public,
      ports: Object.fromEntries(started.map(([name, { port }]) => [name, port])),
    },
    byName: Object.fromEntries(started),
    close: async () => {
      await Promise.all(started.map(([, guest]) => guest.close()));
    },
  };
}
