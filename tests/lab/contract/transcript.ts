/**
 * A transcript of Proxmox's own handlers, as the file holds them: one scenario a line. Reads that file only.
 */
import { readFileSync } from "node:fs";
import type { Json } from "./exchange";

export interface Step {
  readonly method: string;
  readonly params: Readonly<Record<string, Json>>;
  /** `root@pam` by ticket, or a token. */
  readonly user: string;
  readonly running: 0 | 1;
  readonly result: {
    readonly ok: boolean;
    readonly data?: Json;
    readonly message?: string;
    readonly status?: number;
    readonly errors?: Readonly<Record<string, string>>;
    readonly task?: { readonly type: string; readonly id: string; readonly exitstatus: string };
  };
  readonly config_after: Readonly<Record<string, string>>;
  readonly volumes_after: Readonly<Record<string, number>>;
}

export interface Scenario {
  readonly name: string;
  readonly vmid: string | number;
  readonly initial_config: string | null;
  readonly initial_volumes: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
}

/** The scenarios of a file, in order. */
export function readScenarios(path: string): Scenario[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Scenario);
}

/** The handlers' names, and where they are called; those missing here are not in use. */
export const handlers: Readonly<Record<string, readonly [method: string, path: string]>> = {
  create_vm: ["POST", ""],
  destroy_vm: ["DELETE", "/VMID"],
  move_vm_disk: ["POST", "/VMID/move_disk"],
  resize_vm: ["PUT", "/VMID/resize"],
  unlink: ["PUT", "/VMID/unlink"],
  update_vm: ["PUT", "/VMID/config"],
  update_vm_async: ["POST", "/VMID/config"],
  vm_config: ["GET", "/VMID/config"],
  vm_pending: ["GET", "/VMID/pending"],
};
