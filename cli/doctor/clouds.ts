/** What the checks of the clouds are given. Types only. */
import type { House } from "../../house/schema";

export interface CloudChecks {
  readonly stack: string;
  readonly house: House;
  /** The stack's configuration, secrets in clear; `undefined` where it could not be read. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env: NodeJS.ProcessEnv;
}
