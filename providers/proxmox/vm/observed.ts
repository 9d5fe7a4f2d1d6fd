/** One look at a VM: where it is, its configuration, whether it runs. */
import type { ObservedConfig } from "./config";

export interface ObservedVm extends ObservedConfig {
  /** Node that holds it now. */
  readonly node: string;
  readonly status: "running" | "stopped";
}
