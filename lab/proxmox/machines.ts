/** What runs behind a VM that is started: nothing where guests are simulated, else a machine for each. Types only. */

/** Of a VM, as its configuration says it at the moment it is started. */
export interface MachineSpec {
  readonly vmid: number;
  /** Live keys of the VM's configuration: `net0`, `ipconfig0`, `ciuser`, ... */
  readonly config: Readonly<Record<string, string>>;
  /** Bytes of each disk by slot, in the order in which they were made. */
  readonly disks: Readonly<Record<string, number>>;
}

/** A guest agent that was asked and did not answer in time. */
export class AgentSilent extends Error {
  override readonly name = "AgentSilent";
}

export interface Machines {
  /** Resolves when the machine runs; its system takes longer. @throws Error with the reason as Proxmox's task shows it */
  start(spec: MachineSpec): Promise<void>;
  /** Pulls the plug. A machine that is not there is fine. */
  stop(vmid: number): Promise<void>;
  /** Asks the system to shut down. @returns whether it did within the time */
  shutdown(vmid: number, timeoutMs: number): Promise<boolean>;
  reset(vmid: number): Promise<void>;
  /** Forgets the VM's disks. */
  remove(vmid: number): Promise<void>;
  /** What the guest's agent answers to `guest-COMMAND`. @throws AgentSilent */
  agent(vmid: number, command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Called with the VMID where a machine ended that nobody stopped: its system was shut down from within. */
  onEnded(listener: (vmid: number) => void): void;
  /** What `/lab/guests` tells. */
  list(): unknown;
  /** The port on 127.0.0.1 that reaches a port of the guests' network, made where there is none. */
  forward(address: string, port: number): Promise<number>;
  close(): Promise<void>;
}
