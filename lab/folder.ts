/** The lab's own folder: what lies in it, and what of it outlives a run. Touches files in that folder only. */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { selfSigned, type Certificate } from "./proxmox/certificate";
import type { GuestOfVm, ServingGuests } from "./guest/guests";
import type { RealGuests } from "./guests/ofHouse";
import type { WorldSeed } from "./proxmox/world";
import { newKey } from "./ssh/keys";

/** What runs behind a VM that is started: nothing, or a Debian in QEMU. */
export type GuestsKind = "simulated" | "qemu";

/** A lab that runs, as its own process wrote it. */
export interface LabRecord {
  readonly pid: number;
  readonly url: string;
  /** SHA-256, `AA:BB:...`. */
  readonly fingerprint: string;
  readonly controlKey: string;
  readonly clouds: { readonly apiEndpoint: string; readonly baseUrl: string };
  /** Left out by an earlier version of this program: simulated. */
  readonly guests?: GuestsKind;
  /** How the simulated guests are reached. */
  readonly inside?: ServingGuests;
  /** The node's SSH: its key's fingerprint, and the private key that root logs in with. */
  readonly ssh: { readonly port: number; readonly hostKey: string; readonly key: string };
  /** Unix milliseconds. */
  readonly startedAt: number;
}

/** What stays the same from run to run, so that clients know the lab again. */
export interface LabIdentity {
  readonly certificate: Certificate;
  readonly controlKey: string;
  /** Private keys of the node and of who logs in there. Missing in an older version's. */
  readonly ssh?: { readonly hostKey: string; readonly clientKey: string };
  /** Ports of the last run. */
  readonly port?: number;
  readonly sshPort?: number;
  readonly cloudsPort?: number;
}

/** What a start was asked for. */
export interface LabSettings {
  readonly seed?: WorldSeed;
  /** Wanted port; another free one is taken where it is not free. */
  readonly port?: number;
  readonly cloudsPort?: number;
  readonly sshPort?: number;
  readonly latencyMs?: number;
  /** @default as it was the last time, and simulated the first time */
  readonly guests?: GuestsKind;
  /** VMs that somebody looks into. */
  readonly inside?: readonly GuestOfVm[];
  /** What real guests have with them: images for their Docker, and a NAS. */
  readonly real?: Pick<RealGuests, "standIns" | "nas">;
}

export class LabFolder {
  readonly path: string;

  constructor(dir: string) {
    this.path = resolve(dir);
  }

  get log(): string {
    return resolve(this.path, "lab.log");
  }

  get state(): string {
    return resolve(this.path, "proxmox.json");
  }

  get clouds(): string {
    return resolve(this.path, "clouds.json");
  }

  /** Everything that is in the simulated guests. */
  get inside(): string {
    return resolve(this.path, "inside");
  }

  /** Disks and consoles of real guests. */
  get guests(): string {
    return resolve(this.path, "guests");
  }

  get record(): string {
    return resolve(this.path, "lab.json");
  }

  /** Whose the folder is while a lab runs. */
  get claim(): string {
    return resolve(this.path, "lab.claim");
  }

  /** The node's own files. */
  get node(): string {
    return resolve(this.path, "node");
  }

  private get settings(): string {
    return resolve(this.path, "settings.json");
  }

  private get identity(): string {
    return resolve(this.path, "identity.json");
  }

  make(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
  }

  readRecord(): LabRecord | undefined {
    return readJson(this.record) as LabRecord | undefined;
  }

  writeRecord(record: LabRecord): void {
    writeJson(this.record, record);
  }

  readSettings(): LabSettings {
    return (readJson(this.settings) as LabSettings | undefined) ?? {};
  }

  writeSettings(settings: LabSettings): void {
    writeJson(this.settings, settings);
  }

  readIdentity(): LabIdentity | undefined {
    return readJson(this.identity) as LabIdentity | undefined;
  }

  /** The identity of earlier runs, or a new one. */
  async ensureIdentity(): Promise<LabIdentity & Required<Pick<LabIdentity, "ssh">>> {
    const known = this.readIdentity();
    if (known?.ssh) return { ...known, ssh: known.ssh };
    const made = {
      ...(known ?? { certificate: await selfSigned(), controlKey: randomBytes(24).toString("hex") }),
      ssh: { hostKey: newKey().private, clientKey: newKey().private },
    };
    writeJson(this.identity, made);
    return made;
  }

  rememberPorts(identity: LabIdentity, ports: Required<Pick<LabIdentity, "port" | "cloudsPort" | "sshPort">>): void {
    const { port, cloudsPort, sshPort } = ports;
    if (identity.port === port && identity.cloudsPort === cloudsPort && identity.sshPort === sshPort) return;
    writeJson(this.identity, { ...identity, ...ports });
  }
}

/** `undefined` where there is none, or a run was killed before its first byte. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** For the owner alone, and never half: written beside, then renamed. */
function writeJson(path: string, value: unknown): void {
  const next = `${path}.${process.pid}.tmp`;
  writeFileSync(next, JSON.stringify(value, null, 2), { mode: 0o600 });
  renameSync(next, path);
}
