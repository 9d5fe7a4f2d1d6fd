/** One answer of a cloud for a finding: what was refused is as much an answer as what was given. Asks with GET only. */
import { cloudAccess, type CloudName } from "../../providers/clouds/access";
import { CloudError, cloudReader } from "../../providers/clouds/reader";
import { messageOf } from "./report";

export interface CloudAnswer {
  /** HTTP status; `undefined` where no answer came. */
  readonly status?: number;
  readonly body?: unknown;
  /** In the cloud's or the network's own words, where there is no body. */
  readonly problem?: string;
}

export type CloudApi = (path: string) => Promise<CloudAnswer>;

/** @returns `undefined` where nobody gave a credential. */
export function cloudApi(
  cloud: CloudName,
  config: Readonly<Record<string, string>> = {},
  env: NodeJS.ProcessEnv = {},
): CloudApi | undefined {
  const access = cloudAccess(cloud, config, env);
  if (access.token === undefined) return undefined;
  const read = cloudReader(cloud, access);
  return async (path) => {
    try {
      const body = await read(path);
      return body === undefined ? { status: 404, problem: "404, there is no such thing" } : { status: 200, body };
    } catch (error) {
      const status = error instanceof CloudError ? error.status : undefined;
      return { ...(status !== undefined && { status }), problem: messageOf(error).replace(/^GET \S+: /, "") };
    }
  };
}
