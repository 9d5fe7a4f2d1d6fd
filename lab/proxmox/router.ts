/** From method and path to the endpoint, its checked parameters and the right to call it. Pure. */
import { demand } from "./access/permissions";
import { isRoot, type Identity } from "./access/identity";
import type { Route } from "./call";
import { Problem } from "./wire/problem";
import { verify, type Params, type RawParams } from "./wire/schema";
import type { World } from "./world";

interface Compiled {
  readonly route: Route;
  readonly parts: readonly string[];
}

export interface Match {
  readonly route: Route;
  /** Values of the template's placeholders. */
  readonly uri: Params;
}

const placeholder = (part: string): string | undefined => /^\{(.+)\}$/.exec(part)?.[1];

export class Router {
  private readonly compiled: readonly Compiled[];

  constructor(routes: readonly Route[]) {
    this.compiled = routes.map((route) => ({ route, parts: route.template.split("/") }));
  }

  /** @param path below `/api2/json`, still encoded */
  match(method: string, path: string): Match | undefined {
    const parts = path.split("/").map(decodeURIComponent);
    for (const { route, parts: template } of this.compiled) {
      if (route.method !== method || template.length !== parts.length) continue;
      const uri: Record<string, string> = {};
      const fits = template.every((part, index) => {
        const name = placeholder(part);
        if (name === undefined) return part === parts[index];
        uri[name] = parts[index] ?? "";
        return parts[index] !== "";
      });
      if (fits) return { route, uri };
    }
    return undefined;
  }
}

const filled = (path: string, params: Params): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "");

/** @throws Problem 400 for wrong parameters, 403 for a missing privilege, 500 for a node that is not this one */
export function admitCall(world: World, who: Identity, { route, uri }: Match, raw: RawParams): Params {
  const clash = Object.keys(uri).find((key) => raw[key] !== undefined && raw[key] !== uri[key]);
  if (clash !== undefined)
    throw Problem.parameters({ [clash]: "duplicate parameter (already defined in URI) with conflicting values!" });
  if (uri.node !== undefined && uri.node !== world.node.name && uri.node !== "localhost")
    throw Problem.failed(
      `hostname lookup '${uri.node}' failed - failed to get address info for: ${uri.node}: Temporary failure in name resolution`,
    );
  const params = verify(route.fields, { ...raw, ...uri });
  if (route.permission === "root" && !isRoot(who)) throw new Problem(403, "Permission check failed (user != root@pam)");
  if (typeof route.permission === "object") {
    const { path, privileges, any } = route.permission;
    demand(world, who, filled(path, params), privileges, any);
  }
  return params;
}
