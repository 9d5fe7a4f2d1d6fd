/** One client a process for one connection: its pool and its login are shared by all resources. */
import type { ProxmoxClient } from "./client";
import { connect } from "./connect";
import { connectionFrom } from "./connection";

const clients = new Map<string, ProxmoxClient>();

/**
 * The client of today's connection; another one as soon as the environment says otherwise (a replaced token).
 * @throws Error where the connection is not configured, see {@link connectionFrom}.
 */
export function clientFor(env: NodeJS.ProcessEnv): ProxmoxClient {
  const connection = connectionFrom(env);
  const key = JSON.stringify(connection);
  const known = clients.get(key);
  if (known !== undefined) return known;
  const client = connect(connection);
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
