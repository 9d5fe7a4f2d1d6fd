/** How a lab's Proxmox is to be: what it starts from, where it keeps it, and how fast it is. Types only. */
import type { Certificate } from "./certificate";
import type { Clock } from "./clock";
import type { Machines } from "./machines";
import type { WorldSeed } from "./world";

export interface ProxmoxOptions {
  /** @default the house's node, freshly installed */
  readonly initial?: WorldSeed;
  /** Where the world outlives the process. @default nowhere */
  readonly stateFile?: string;
  /** @default 0: any free one */
  readonly port?: number;
  /** @default kept beside the state file; without one, a new one */
  readonly certificate?: Certificate;
  /** Added to every answer. @default 0 */
  readonly latencyMs?: number;
  /** How long each task takes at least. @default 2 */
  readonly taskMs?: number;
  /** How long a refused login or token waits for its answer; a real one makes it 3000. @default 0 */
  readonly rejectMs?: number;
  /** How long a call waits for a VM's lock. @default 10000, as Proxmox does */
  readonly lockTimeoutMs?: number;
  /** Key of `/lab/...`. @default a random one */
  readonly controlKey?: string;
  readonly clock?: Clock;
  /** Real guests behind the VMs. @default none: they are simulated */
  readonly machines?: Machines;
}
