/** One client a process for one connection: its pool and its login are shared by all resources. */
import { adoptionFrom } from "../adoption";
import { readOnly } from "./adopt/readOnly";
import { engineOf, isGone, type EngineAddress } from "../engineWatch";
import type { ProxmoxClient } from "./client";
import { connect } from "./connect";
import { connectionFrom } from "./connection";

const clients = new Map<string, ProxmoxClient>();

/** What is changed without an engine is recorded by nobody. The next run finds what was done, and goes on from there. */
const stop = (): never => process.exit(1);

/** The same client, which changes nothing more once the engine is gone. */
function withEngine(client: ProxmoxClient, engine: EngineAddress): ProxmoxClient {
  const asked = async <T>(send: () => Promise<T>): Promise<T> => ((await isGone(engine)) ? stop() : send());
  return {
    ...client,
    post: (path, body) => asked(() => client.post(path, body)),
    put: (path, body) => asked(() => client.put(path, body)),
    delete: (path, query) => asked(() => client.delete(path, query)),
  };
}

function guarded(client: ProxmoxClient): ProxmoxClient {
  const engine = engineOf(process.argv);
  return engine === undefined ? client : withEngine(client, engine);
}

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
  const opened = guarded(connect(connection));
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
