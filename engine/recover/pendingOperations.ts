/**
 * What a killed run had begun, as the engine recorded it (`pending_operations` of a deployment). The engine drops
 * updates and deletions from the list by itself, forgetting that they may be half done, and keeps creations until somebody says
 * what became of them. Pure.
 */
import { z } from "zod";

const Operation = z.object({
  /** `creating`, `updating`, `deleting`, `reading`, `importing` */
  type: z.string(),
  resource: z.looseObject({
    urn: z.string(),
    type: z.string(),
    custom: z.boolean().optional(),
    /** What it was asked to be; encrypted where it is a secret. */
    inputs: z.record(z.string(), z.unknown()).optional(),
  }),
});

const Deployment = z.looseObject({
  version: z.number(),
  deployment: z.looseObject({
    resources: z.array(z.looseObject({ urn: z.string().optional() })).nullish(),
    pending_operations: z.array(Operation).nullish(),
  }),
});

const Latest = z.object({
  manifest: z.object({ time: z.string().optional() }).optional(),
  resources: z.array(z.object({ type: z.string().optional(), id: z.string().optional() })).nullish(),
  pending_operations: z.array(Operation).nullish(),
});

const Checkpoint = z.object({ checkpoint: z.object({ latest: Latest.nullish() }) });

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

const DYNAMIC = "pulumi-nodejs:dynamic/";
const isRepeatable = (type: string): boolean => type.startsWith(DYNAMIC) || type.startsWith("pulumi:providers:");

export function sortPending(operations: readonly PendingOperation[]): Pending {
  const isDoubtful = ({ type, resource }: PendingOperation): boolean =>
    type === "creating" && resource.custom === true && !isRepeatable(resource.type);
  return {
    repeatable: operations.filter((operation) => !isDoubtful(operation)),
    doubtful: operations.filter(isDoubtful),
  };
}

export interface LeftState {
  readonly pending: readonly PendingOperation[];
  /** Ids of the resources of a type. */
  ids(type: string): ReadonlySet<string>;
  /** When the engine wrote it last: RFC 3339. */
  readonly written: string | undefined;
}

/** @param text of a state file in a file backend; `undefined` where there is none. */
export function leftInState(text: string | undefined): LeftState {
  const latest = text === undefined ? undefined : Checkpoint.safeParse(JSON.parse(text)).data?.checkpoint.latest;
  const resources = latest?.resources ?? [];
  return {
    pending: latest?.pending_operations ?? [],
    ids: (type) => new Set(resources.flatMap((one) => (one.type === type && one.id !== undefined ? [one.id] : []))),
    written: latest?.manifest?.time,
  };
}

/** Of this project's own providers: half done for all that is known, and done again by the next `up` whatever that wants. */
function cutOff(resources: readonly { readonly urn?: string }[], pending: readonly PendingOperation[]): object[] {
  const updating = pending.filter(({ type, resource }) => type === "updating" && resource.type.startsWith(DYNAMIC));
  const cut = new Set<string | undefined>(updating.map(({ resource }) => resource.urn));
  const initErrors = ["its update was cut off: the run was killed"];
  return resources.map((resource) => (cut.has(resource.urn) ? { ...resource, initErrors } : resource));
}

/**
 * @param text `pulumi stack export`.
 * @param made ids by URN of listed creations that were carried out: they are resources from then on, without outputs yet.
 * @returns for `pulumi stack import`: the same without the list, and with a mark at what was being updated.
 * @throws Error where the text is no deployment.
 */
export function withoutPending(text: string, made: ReadonlyMap<string, string> = new Map()): string {
  const { deployment, ...rest } = Deployment.parse(JSON.parse(text));
  const pending = deployment.pending_operations ?? [];
  const resources = cutOff(deployment.resources ?? [], pending);
  const added = pending.flatMap(({ type, resource }) => {
    const id = type === "creating" ? made.get(resource.urn) : undefined;
    return id === undefined ? [] : [{ ...resource, id }];
  });
  return JSON.stringify({
    ...rest,
    deployment: { ...deployment, resources: [...resources, ...added], pending_operations: [] },
  });
}

/** `Vm emby (creating)` */
export const describeOperation = ({ type, resource }: PendingOperation): string =>
  `${resource.type.split(":").at(-1) ?? resource.type} ${resource.urn.split("::").at(-1) ?? ""} (${type})`;
