/**
 * What a killed run had begun, as the engine recorded it (`pending_operations` of a deployment). The engine drops
 * updates and deletions from the list by itself, and keeps creations until somebody says what became of them. Pure.
 */
import { z } from "zod";

const Operation = z.object({
  /** `creating`, `updating`, `deleting`, `reading`, `importing` */
  type: z.string(),
  resource: z.looseObject({ urn: z.string(), type: z.string(), custom: z.boolean().optional() }),
});

const Deployment = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({ pending_operations: z.array(Operation).nullish() }),
});

const Checkpoint = z.object({ checkpoint: z.object({ latest: Deployment.shape.deployment.nullish() }) });

export type PendingOperation = z.infer<typeof Operation>;

export interface Pending {
  /**
   * Ours to resolve: of this project's own providers, which take up what an earlier run made, and of components and providers,
   * which exist nowhere but in the state. Updates and deletions of other resources are here as well: they are repeated.
   */
  readonly repeatable: readonly PendingOperation[];
  /** Creations that may have been carried out: repeated, they would be there twice. */
  readonly doubtful: readonly PendingOperation[];
}

const REPEATABLE = /^pulumi-nodejs:dynamic\/|^pulumi:providers:/;

export function sortPending(operations: readonly PendingOperation[]): Pending {
  const isDoubtful = ({ type, resource }: PendingOperation): boolean =>
    type === "creating" && resource.custom === true && !REPEATABLE.test(resource.type);
  return {
    repeatable: operations.filter((operation) => !isDoubtful(operation)),
    doubtful: operations.filter(isDoubtful),
  };
}

/** @param text of a state file in a file backend. */
export function pendingInState(text: string): readonly PendingOperation[] {
  return Checkpoint.safeParse(JSON.parse(text)).data?.checkpoint.latest?.pending_operations ?? [];
}

/**
 * @param text `pulumi stack export`.
 * @returns for `pulumi stack import`: the same without the list.
 * @throws Error where the text is no deployment.
 */
export function withoutPending(text: string): string {
  const { deployment, ...rest } = Deployment.parse(JSON.parse(text));
  return JSON.stringify({ ...rest, deployment: { ...deployment, pending_operations: [] } });
}

/** `Vm emby (creating)` */
export const describeOperation = ({ type, resource }: PendingOperation): string =>
  `${resource.type.split(":").at(-1) ?? resource.type} ${resource.urn.split("::").at(-1) ?? ""} (${type})`;
