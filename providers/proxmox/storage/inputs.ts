/** What is recorded of a storage: its canonical inputs, and what the house does not name. */
import type { StorageSpec } from "./args";

/** {@link StorageSpec} in canonical form: lists sorted, paths without a slash at the end. */
export type StorageInputs = StorageSpec & StorageMarks;

/** Only `read` sets it, the house never has it: a change that shows. */
export interface StorageMarks {
  /** Edits of what the house does not name, by Proxmox's key. The next `up` takes note of them and writes nothing. */
  readonly unnamed?: Readonly<Record<string, string>>;
}

export type StorageState = StorageInputs & {
  /** What the house does not name, as it was at the last run (see unnamed.ts). Missing in an older version's state. */
  readonly acknowledged?: Readonly<Record<string, string>>;
};

/** Names of the outputs that are no inputs. */
export const STORAGE_OUTPUTS = ["acknowledged"] as const;

/** Members by name, whichever type it is of. */
export type StorageFields = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
