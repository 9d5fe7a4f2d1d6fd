/** What is recorded of a storage: its canonical inputs, nothing else. */
import type { StorageSpec } from "./args";

/** {@link StorageSpec} in canonical form: lists sorted, paths without a slash at the end. */
export type StorageInputs = StorageSpec;

/** Members by name, whichever type it is of. */
export type StorageFields = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
