/** One client a process for one connection: its pool and its login are shared by all resources. */
import { adoptionFrom, readOnly } from "./adopt/option";
import type { ProxmoxClient } from "./client";
import { connect } from "./connect";
import { connectionFrom } from "./connection";

const clients = new Map<string, ProxmoxClient>();

/**
 * The client of today's connection; another one as soon as the environment says otherwise (a replaced token).
 * In a run that adopts it can't change anything.
 * @throws Error where the connection is not configured, see {@link connectionFrom}.
 */
export function clientFor(env: NodeJS.ProcessEnv): ProxmoxClient {
  const connection = connectionFrom(env);
  const adoption = adoptionFrom(env);
  const key = JSON.stringify([connection, adoption]);
  const known = clients.get(key);
  if (known !== undefined) return known;
  const opened = connect(connection);
  const client = adoption === undefined ? opened : readOnly(opened);
  const shared: ProxmoxClient = {
    ...client,
    close: () => {
      clients.delete(key);
      return client.close();
    },
  };
  clients.set(key, shared);
  return shared;
}
