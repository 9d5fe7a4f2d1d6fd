/** What a house says of one Compose stack on a guest: the manual of the `ComposeStack` resource. */
import type { OnGuest } from "../guest/guest";
import type { Vpn } from "./leaks";

export interface StackService {
  /** With its tag, variables filled in: `emby/embyserver:4.9.1.90`. */
  readonly image: string;
  /**
   * `up`: it runs, and is healthy where it has a health check. `completed`: it ran to its end without a failure.
   * @default up
   */
  readonly state?: "up" | "completed";
  /** Hash of the stack's own files that are mounted into it: another one makes its container anew. */
  readonly content?: string;
  /** Paths of those files. One that was edited in its place on the guest makes the container anew that has it. */
  readonly files?: readonly string[];
  /**
   * Whether it is handed a variable as it is (`NAME:`, with a value in `.env`). Compose before 5.6 tells another hash of such
   * a service than it makes it with (docker/compose#14001): it is not asked. @default false
   */
  readonly handsOn?: boolean;
  /**
   * Where what it mounts lies, by path in the container: a path of the guest, a volume's name, or `./FILE` of the stack's
   * own. Another place is refused while the former one holds data and it holds none.
   */
  readonly data?: Readonly<Record<string, string>>;
}

export interface ComposeStackSpec extends OnGuest {
  /** Compose's project name. Another one is another stack. */
  readonly project: string;
  /** Its folder on the guest; data that is named relatively lies in it. Never changed. @default /opt/stacks/PROJECT */
  readonly directory?: string;
  /** Its folder in this checkout: `stacks/emby`. */
  readonly source: string;
  /** Compose files of it, the later over the former. In place. @default docker-compose.yml */
  readonly compose?: readonly string[];
  /** SHA-256 in hex of every file that goes to the guest, by path below the folder; ` 0755` behind it: it may be run. In place. */
  readonly files: Readonly<Record<string, string>>;
  /** Text of those of them that the house makes itself, and that lie in no folder. */
  readonly rendered?: Readonly<Record<string, string>>;
  /** Variables of the stack, secret ones marked as such. In place; what is in the guest's file besides stays. */
  readonly env?: Readonly<Record<string, string>>;
  /** Names of those of them that no message may show. @default those that sound like it */
  readonly secrets?: readonly string[];
  /** Its services, by name. In place. */
  readonly services: Readonly<Record<string, StackService>>;
  /** A release of it counts as good only where nothing gets around this VPN; where something does, the stack is stopped. */
  readonly vpn?: Vpn;
  /** Mounts that have to be there before its containers start: NFS, by target. */
  readonly mounts?: readonly string[];
  /** How long its services may take to be up, in seconds. @default 300 */
  readonly waitSeconds?: number;
  /** Set by `check`: permission bits of its variables' file; no need to give it. */
  readonly envMode?: string;
  /** Set by `check`: what else the deployment writes is as it wrote it, and Compose can read it all; no need to give it. */
  readonly integrity?: string;
  /** With `deletable`: whether its named volumes go with it. @default false */
  readonly deleteVolumes?: boolean;
}

/** With every default filled in. */
export type ComposeStackInputs = ComposeStackSpec &
  Required<Pick<ComposeStackSpec, "directory" | "compose" | "env" | "waitSeconds">>;

/** As it is recorded. */
export interface ComposeStackState extends ComposeStackInputs {
  /**
   * Names of variables that its `.env` may have of the house, where an update failed: in the place of all of `env`, whose
   * secrets of before the engine would keep in plain. Those that the house names no more go with the next update.
   */
  readonly unsettled?: readonly string[];
}
