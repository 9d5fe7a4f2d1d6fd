/** What a handler gets: the request's parameters, who asks, and the lab's world with its tools. Types only. */
import type { Identity } from "./access/identity";
import type { Clock } from "./clock";
import type { Locks } from "./locks";
import type { Machines } from "./machines";
import type { TaskFault, Tasks } from "./tasks";
import type { Fields, Params } from "./wire/schema";
import type { World } from "./world";

export interface Call {
  readonly world: World;
  readonly clock: Clock;
  readonly tasks: Tasks;
  readonly locks: Locks;
  /** Real guests behind the VMs; without them a VM that runs is a word. */
  readonly machines?: Machines;
  readonly who: Identity;
  /** SHA-256 of the server's certificate. */
  readonly fingerprint: string;
  /** Checked, path parameters included. */
  readonly params: Params;
  /** A fault that waits for the task this call starts. */
  readonly taskFault?: TaskFault;
}

export interface Permission {
  /** `/vms/{vmid}`: placeholders are the call's parameters. */
  readonly path: string;
  readonly privileges: readonly string[];
  /** Whether one of them is enough. */
  readonly any?: boolean;
}

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** `/nodes/{node}/qemu/{vmid}/config` */
  readonly template: string;
  readonly fields: Fields;
  /** `world`: no credentials asked; `root`: root@pam's own login alone; left out: any user. */
  readonly permission?: Permission | "world" | "root";
  readonly handle: (call: Call) => unknown;
}

export const vmidOf = (call: Call): number => Number(call.params.vmid);
