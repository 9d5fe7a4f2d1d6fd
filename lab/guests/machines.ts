/**
 * Real guests behind the lab's VMs: Debian in QEMU on a network of their own. Starts QEMU processes, which end with this
 * one; keeps disks and consoles in its folder.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AgentSilent, type Machines, type MachineSpec } from "../proxmox/machines";
import { accelerator } from "./accelerator";
import type { Accelerator } from "./commandLine";
import { startGuest, type Guest, type GuestHost } from "./guest";
import { ensureImage, type ImageOptions } from "./image";
import { readFrame, type Frame } from "./packets";
import { startNas, type Nas } from "./nas";
import type { NasPlan } from "./nasFiles";
import { startRouter, type Router } from "./router";
import { Snapshots, snapshotFolder } from "./snapshots";
import { standInArchive } from "./standIns/images";
import type { StandIn } from "./standIns/standIn";
import { addressOf, subnetOf, type Subnet } from "./subnet";
import { startSwitch, type Switch } from "./switch";

export interface GuestOptions extends ImageOptions {
  /** Where disks and consoles stay between runs. */
  readonly dir: string;
  /** Where guests are kept that booted once. @default beside the images in the user's cache */
  readonly snapshots?: string;
  /** Images that stand in for those of the VMs' stacks, by VMID: a VM's Docker has them from its first start. */
  readonly standIns?: Readonly<Record<number, readonly StandIn[]>>;
  /** The house's NAS: up when the first VM counts as started. @default there is none */
  readonly nas?: NasPlan;
}

/** A guest that runs, as `infinity lab status` lists it. */
export interface GuestState {
  /** None: the house's NAS. */
  readonly vmid?: number;
  readonly name: string;
  readonly pid: number;
  /** Its fixed address on the guests' network. */
  readonly address?: string;
  /** Port on 127.0.0.1 that reaches its SSH server. */
  readonly sshPort?: number;
  readonly console: string;
  readonly accelerator: Accelerator;
}

const SSH = 22;

export interface QemuMachines extends Machines {
  /**
   * Keeps a guest that runs as it is now: the next new one of the same image, cards, disks and cloud-init data goes on from
   * there within seconds instead of booting.
   */
  snapshot(vmid: number): Promise<void>;
  /** Shows every frame on the guests' network, seen outside of all of them. @returns what ends it */
  watch(listener: (frame: Frame) => void): () => void;
  /** The house's NAS, where it has one; there from the first start of a VM on. */
  readonly nas: Promise<Nas> | undefined;
}

class GuestMachines implements QemuMachines {
  private readonly guests = new Map<number, Guest>();
  private readonly sshPorts = new Map<number, number>();
  private readonly listeners: ((vmid: number) => void)[] = [];
  private routing?: Promise<Router>;
  nas: Promise<Nas> | undefined;
  private nasThere?: Promise<unknown>;
  private nasState?: GuestState;
  private closed = false;

  constructor(
    private readonly dir: string,
    /** Of sockets: their paths have to be short. */
    private readonly run: string,
    private readonly lan: Switch,
    private readonly image: string,
    private readonly accelerator: Accelerator,
    private readonly snapshots: Snapshots,
    private readonly standIns: (vmid: number) => Buffer | undefined,
    private readonly nasPlan: NasPlan | undefined,
  ) {}

  async start(spec: MachineSpec): Promise<void> {
    if (this.closed) throw new Error("the lab is being stopped");
    if (this.guests.has(spec.vmid)) throw new Error(`VM ${spec.vmid} already running`);
    const subnet = subnetOf(spec.config);
    const router = await this.router(subnet);
    const { image, accelerator: found, lan, run, snapshots, standIns } = this;
    const dns = { nameservers: [subnet.gateway], search: [] };
    const host = { image, accelerator: found, lan: lan.path, run, dns, snapshots, standIns };
    const nasUp = this.nasPlan && this.nasUp(this.nasPlan, host);
    // Told below, or by who started the NAS, where the VM itself doesn't start.
    nasUp?.catch(() => undefined);
    const guest = await startGuest(this.folderOf(spec.vmid), spec, host);
    this.guests.set(spec.vmid, guest);
    void guest.ended.then(() => {
      if (this.guests.get(spec.vmid) !== guest) return;
      this.guests.delete(spec.vmid);
      for (const listener of this.listeners) listener(spec.vmid);
    });
    const address = addressOf(spec.config);
    if (address !== undefined) this.sshPorts.set(spec.vmid, await router.forward(address, SSH));
    // They boot side by side; whoever waits for the VM's start finds a NAS that answers.
    try {
      await nasUp;
    } catch (error) {
      await this.stop(spec.vmid);
      throw error;
    }
  }

  /** A NAS that boots again from its own disk is waited for by nobody: the lab itself, begun anew, must not. */
  private nasUp(plan: NasPlan, host: GuestHost): Promise<unknown> {
    const dir = join(this.dir, "nas");
    const isAgain = existsSync(dir);
    this.nas ??= startNas(dir, plan, host);
    void this.nas
      .then(({ pid, console, address }) => {
        this.nasState = { name: "NAS", pid, address, console, accelerator: host.accelerator };
      })
      // Whoever waits for it is told.
      .catch(() => undefined);
    return (this.nasThere ??= this.nas.then(({ ready }) => (isAgain ? undefined : ready)));
  }

  async stop(vmid: number): Promise<void> {
    const guest = this.guests.get(vmid);
    this.guests.delete(vmid);
    await guest?.kill();
  }

  async shutdown(vmid: number, timeoutMs: number): Promise<boolean> {
    const guest = this.guests.get(vmid);
    if (guest === undefined) return true;
    const isDown = await guest.shutdown(timeoutMs);
    if (isDown) this.guests.delete(vmid);
    return isDown;
  }

  async reset(vmid: number): Promise<void> {
    await this.guests.get(vmid)?.reset();
  }

  async snapshot(vmid: number): Promise<void> {
    const guest = this.guests.get(vmid);
    if (guest === undefined) throw new Error(`VM ${vmid} is not running`);
    await guest.snapshot();
  }

  watch(listener: (frame: Frame) => void): () => void {
    return this.lan.watch((bytes) => {
      const frame = readFrame(bytes);
      if (frame) listener(frame);
    });
  }

  async remove(vmid: number): Promise<void> {
    await this.stop(vmid);
    rmSync(this.folderOf(vmid), { recursive: true, force: true });
  }

  async agent(vmid: number, command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const guest = this.guests.get(vmid);
    if (guest === undefined) throw new AgentSilent(`VM ${vmid} is not running`);
    return guest.agent.ask(command, args);
  }

  onEnded(listener: (vmid: number) => void): void {
    this.listeners.push(listener);
  }

  list(): readonly GuestState[] {
    const vms = [...this.guests.values()].map(({ spec: { vmid, config }, pid, console }) => ({
      ...{ vmid, name: config.name ?? `VM ${vmid}`, pid, console, accelerator: this.accelerator },
      address: addressOf(config),
      sshPort: this.sshPorts.get(vmid),
    }));
    return this.nasState ? [this.nasState, ...vms] : vms;
  }

  async forward(address: string, port: number): Promise<number> {
    const router = await this.router(subnetOf({ ipconfig0: `ip=${address}/24` }));
    return router.forward(address, port);
  }

  async close(): Promise<void> {
    this.closed = true;
    const guests = [...this.guests.values()];
    this.guests.clear();
    const nas = await this.nas?.catch(() => undefined);
    await Promise.all([nas?.close(), ...guests.map((guest) => guest.kill())]);
    await (await this.routing?.catch(() => undefined))?.close();
    await this.lan.close();
    for (const path of [this.run, join(this.dir, "sockets")]) rmSync(path, { recursive: true, force: true });
  }

  private folderOf(vmid: number): string {
    return join(this.dir, String(vmid));
  }

  /** One for all guests: the first that is started says what the house's network is. */
  private router(subnet: Subnet): Promise<Router> {
    this.routing ??= startRouter(this.run, subnet, this.lan.path);
    return this.routing;
  }
}

/**
 * A folder of sockets, whose paths have to be short: not below the lab's own. That of a lab that was killed goes.
 * @param dir the lab's; it remembers where the sockets are
 */
function socketFolder(dir: string): string {
  const memory = join(dir, "sockets");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (existsSync(memory)) rmSync(readlinkSync(memory), { recursive: true, force: true });
  rmSync(memory, { force: true });
  const made = mkdtempSync(join(tmpdir(), "guests-"));
  symlinkSync(made, memory);
  return made;
}

interface Prepared {
  readonly image: string;
  /** Path of the program that stand-ins are made of. */
  readonly busybox: string;
  readonly accelerator: Accelerator;
}

/** The image and what this machine's processor can do: found out before anything waits for a guest. */
export async function prepareGuests(options: ImageOptions = {}): Promise<Prepared> {
  const cache = await ensureImage(options);
  return { image: cache.image, busybox: cache.busybox, accelerator: await accelerator(cache) };
}

/** @throws GuestsUnavailable where this machine can't have real guests, Error where their image could not be built */
export async function qemuMachines({
  dir,
  snapshots,
  standIns = {},
  nas,
  ...options
}: GuestOptions): Promise<QemuMachines> {
  const { image, busybox, accelerator: found } = await prepareGuests(options);
  const run = socketFolder(dir);
  const lan = await startSwitch(join(run, "lan"));
  const archive = (vmid: number): Buffer | undefined =>
    standIns[vmid] && standInArchive(standIns[vmid], { busybox: readFileSync(busybox) });
  const kept = new Snapshots(snapshots ?? snapshotFolder(dirname(image)));
  return new GuestMachines(dir, run, lan, image, found, kept, archive, nas);
}
