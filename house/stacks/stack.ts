/** One stack as the program knows it. Built from its folder by parse.ts; checked by rules/. Pure. */
import type { Extension } from "./extension";
import type { Image } from "./image";
import type { Mount } from "./mount";
import type { Port } from "./port";
import type { Variable } from "./variables";

/** Where a container's network is. */
export type Network =
  | { readonly kind: "own" }
  | { readonly kind: "host" }
  /** In another container of its stack: it loses its network with that one, and has to be made anew after it. */
  | { readonly kind: "service"; readonly service: string }
  /** Anything else, as written. */
  | { readonly kind: "other"; readonly mode: string };

export interface StackService {
  readonly image: Image;
  readonly restart?: string;
  /** Memory that it may take at most, as written: `2g`. */
  readonly memory?: string;
  /** Whether the stack says how its health is found out. */
  readonly healthcheck: boolean;
  readonly logging?: { readonly driver?: string; readonly options: Readonly<Record<string, string | null>> };
  readonly network: Network;
  readonly ports: readonly Port[];
  readonly mounts: readonly Mount[];
  /** Environment as written; `null` is a variable handed on as it is. */
  readonly environment: Readonly<Record<string, string | null>>;
  readonly labels: Readonly<Record<string, string | null>>;
  readonly dependsOn: Readonly<Record<string, { readonly condition?: string; readonly restart: boolean }>>;
  /** Variables whose values reach this container, by any way: it has to be made anew when one changes. */
  readonly variables: readonly string[];
  /** Those of them that it finds in a file: Compose takes no notice of another value of one. */
  readonly handedAsFiles: readonly string[];
  /** Files of the stack's folder that it mounts, folders spelled out: it has to be made anew when one changes. */
  readonly files: readonly string[];
}

export interface Stack extends Extension {
  /** The folder's name, and the Compose project's. */
  readonly name: string;
  readonly variant?: string;
  /** Its Compose file: `docker-compose.nordlynx.yml`. */
  readonly file: string;
  readonly services: Readonly<Record<string, StackService>>;
  /** Variables that this variant uses, in the order of `.env.example`. */
  readonly variables: readonly Variable[];
  /** Those that another variant uses: known, and of no use here. */
  readonly unused: readonly Variable[];
  /** What goes to the VM beside `.env`: the Compose file and what its containers mount, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** As its folder has them. */
  readonly marks: Readonly<Record<string, string>>;
}

/** Containers that live in the network of another one of their stack, by that one's name. */
export function networkDependants(stack: Pick<Stack, "services">): Record<string, string[]> {
  const dependants: Record<string, string[]> = {};
  for (const [name, { network }] of Object.entries(stack.services))
    if (network.kind === "service") (dependants[network.service] ??= []).push(name);
  return dependants;
}
