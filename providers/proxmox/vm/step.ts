/** One call, or one task, on the way from an observed VM to the house's. */
import type { Config } from "./config";

export type Step =
  | {
      readonly kind: "config";
      readonly set: Config;
      readonly delete: readonly string[];
      /** Disks and NICs may take longer than a synchronous call is given (30 s): done by a task then. */
      readonly task: boolean;
      /** Only root may: done on the node itself. Left out where whoever is logged in may. */
      readonly root?: true;
    }
  | {
      readonly kind: "move";
      readonly disk: string;
      readonly storage: string;
      /** Whether the volume that was copied stays, as `unusedN`. */
      readonly keep: boolean;
    }
  | { readonly kind: "resize"; readonly disk: string; readonly bytes: number }
  | { readonly kind: "power"; readonly action: "start" | "shutdown" };
