/** What became of a killed run's creations in the clouds, looked for with the stack's own credentials. Sends nothing but GET. */
import type { Resolve } from "../engine/recover/creations";
import type { AskEngine } from "../engine/recover/fileBackend";
import { CLOUD_TYPES, type CloudKind } from "../providers/clouds/kinds";
import { cloudsLook, type CloudsLook } from "../providers/clouds/look";
import { findMade } from "../providers/clouds/made";
import { stackConfig } from "./adopt/engineConfig";

const kindOf = (type: string): CloudKind | undefined =>
  (Object.keys(CLOUD_TYPES) as CloudKind[]).find((kind) => CLOUD_TYPES[kind] === type);

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * @param ask of the one stack.
 * @param env the user's own: its credentials do where the stack's configuration can't be read, or has none.
 */
export function pendingClouds(ask: AskEngine, env: NodeJS.ProcessEnv): Resolve {
  let looking: Promise<CloudsLook> | undefined;
  /** Why there may be no credential: no passphrase in the environment, for one. */
  let problem = "";
  const look = (): Promise<CloudsLook> =>
    (looking ??= stackConfig((args) => ask(args))
      .catch((error: unknown) => {
        problem = ` (${sentence(error)})`;
        return {};
      })
      .then((config) => cloudsLook(config, env)));
  return async ({ resource: { type, inputs = {} } }, known) => {
    const kind = kindOf(type);
    if (kind === undefined) return { kind: "unknown", candidates: [] };
    try {
      return await findMade(await look(), { ...known, kind, inputs });
    } catch (error) {
      return { kind: "unknown", candidates: [], reason: sentence(error) + problem };
    }
  };
}
