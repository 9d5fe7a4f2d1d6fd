/**
 * Creations that a killed run had sent to somebody else's cloud: whoever can look there says what became of each, and the
 * engine takes up what was made. Knows no cloud; changes the state through the engine only.
 */
import type { AskEngine } from "./fileBackend";
import { describeOperation, type PendingOperation } from "./pendingOperations";

/** What is known of a creation beside its inputs. */
export interface Known {
  /** Ids of what the state has already, of the same type. */
  readonly taken: ReadonlySet<string>;
  /** Unix milliseconds: when the killed run began, or when the state was last written; `undefined` where neither is told. */
  readonly since: number | undefined;
}

/** What became of a creation. */
export type Became =
  /** @param id as the engine's provider imports it */
  | { readonly kind: "made"; readonly id: string }
  | { readonly kind: "absent" }
  /** @param candidates ids of what it may be. @param reason why that could not be looked at. */
  | { readonly kind: "unknown"; readonly candidates: readonly string[]; readonly reason?: string };

/** Looks, and changes nothing. Never rejects: what can't be looked at is `unknown`. */
export type Resolve = (operation: PendingOperation, known: Known) => Promise<Became>;

export interface Creation<Outcome = Became> {
  readonly operation: PendingOperation;
  readonly became: Outcome;
}

type Made = Extract<Became, { kind: "made" }>;
export type MadeCreation = Creation<Made>;
type Unknown = Extract<Became, { kind: "unknown" }>;

export interface Creations {
  readonly made: readonly MadeCreation[];
  readonly absent: readonly PendingOperation[];
  readonly doubtful: readonly Creation<Unknown>[];
}

export const nobodyLooks: Resolve = () => Promise.resolve({ kind: "unknown", candidates: [] });

export async function resolveCreations(
  operations: readonly PendingOperation[],
  resolve: Resolve,
  known: (operation: PendingOperation) => Known,
): Promise<Creations> {
  const all = await Promise.all(
    operations.map(async (operation) => ({ operation, became: await resolve(operation, known(operation)) })),
  );
  return {
    made: all.flatMap(({ operation, became }) => (became.kind === "made" ? [{ operation, became }] : [])),
    absent: all.flatMap(({ operation, became }) => (became.kind === "absent" ? [operation] : [])),
    doubtful: all.flatMap(({ operation, became }) => (became.kind === "unknown" ? [{ operation, became }] : [])),
  };
}

/** What was made is not in the state as it is in the cloud: an `up` would go on without it, or make it again. */
export class NotTakenUp extends Error {}

/**
 * Reads what the state names by its id only, and nothing else of the stack. (The engine's `--import-pending-creates` can't
 * be held to single resources, and would take the whole house's drift into the state.)
 * @throws NotTakenUp where it can't be read
 */
export async function readMade(made: Creations["made"], stack: string, ask: AskEngine): Promise<void> {
  const targets = made.flatMap(({ operation: { resource } }) => ["--target", resource.urn]);
  const { code, stdout, stderr } = await ask(["refresh", "--yes", "--skip-preview", ...targets, "--stack", stack]);
  if (code === 0) return;
  const names = made.map(({ operation, became }) => `${describeOperation(operation)}, ${became.id}`).join("; ");
  throw new NotTakenUp(
    `what the killed run had made is in the state by its id only (${names}): run refresh before the next up\n${stderr.trim() || stdout.trim()}`,
  );
}
