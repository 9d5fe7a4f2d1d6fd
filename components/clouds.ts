/** What of the house is in the clouds: declared as far as the house describes it. Wiring only. */
import type { House } from "../house/schema";
import { knownDroplet, wantedNames } from "../house/tunnel";
import { Names } from "./names";
import { TunnelServer } from "./tunnelServer";

export interface Clouds {
  readonly server?: TunnelServer;
  readonly names?: Names;
}

/** Names point at the droplet by reference; at the address that the house names where it describes no droplet. */
export function clouds(house: House): Clouds {
  const { tunnel, domain } = house;
  if (!tunnel || domain === undefined) return {};
  const droplet = knownDroplet(house);
  const server = droplet && new TunnelServer(tunnel.endpoint, { droplet, imported: tunnel.import });
  if (tunnel.zone === undefined) return { server };
  const address = server?.address ?? tunnel.server;
  const args = { zone: tunnel.zone, names: wantedNames(house), address, imported: tunnel.import?.names };
  return { server, names: new Names(domain, args) };
}
