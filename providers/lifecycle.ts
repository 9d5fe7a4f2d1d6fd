/**
 * The contract between Pulumi's dynamic-provider process and a resource's lifecycle. One object of these functions a
 * resource; the wire and the engine are not its business.
 */

export interface CheckFailure {
  /** Path of the input: `disks.scsi0.size`. */
  readonly property: string;
  /** Value, rule and fix in one line. */
  readonly reason: string;
}

export interface Lifecycle<Inputs, State extends Inputs = Inputs> {
  /** Canonicalises and validates. CPU only: no connection is opened. `olds` is `{}` for a new resource. */
  check(olds: unknown, news: unknown): Promise<{ inputs: Inputs; failures: CheckFailure[] }>;
  /** Names replacements only; what changed is the engine's to find, from canonical inputs. CPU only. */
  diff(id: string, olds: State, news: Inputs): Promise<{ replaces?: string[]; deleteBeforeReplace?: boolean }>;
  create(inputs: Inputs): Promise<{ id: string; outs: State }>;
  /** `{}` where the resource is not there; throws where that can't be known. */
  read(id: string, state: State): Promise<{ id?: string; props?: State; inputs?: Inputs }>;
  update(id: string, olds: State, news: Inputs): Promise<{ outs: State }>;
  delete(id: string, state: State): Promise<void>;
}
