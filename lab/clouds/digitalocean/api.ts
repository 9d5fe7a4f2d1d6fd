/** DigitalOcean's API v2 as far as a tunnel's server needs it: droplets, firewalls, reserved IPs, the account's keys. */
import type { CloudsWorld } from "../world";
import { route, type CloudRoute } from "../http";
import { dropletRoutes } from "./droplets";
import { firewallRoutes } from "./firewalls";
import { reservedIpRoutes } from "./reservedIps";

export const digitaloceanRoutes = (account: CloudsWorld["digitalocean"]): CloudRoute[] => [
  ...dropletRoutes(account),
  ...firewallRoutes(account),
  ...reservedIpRoutes(account),
  route("GET", "/v2/account/keys", () => {
    const keys = account.sshKeys;
    return { status: 200, json: { ssh_keys: keys, links: {}, meta: { total: keys.length } } };
  }),
];
