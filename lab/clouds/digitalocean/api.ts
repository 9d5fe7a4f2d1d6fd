/** DigitalOcean's API v2 as far as a tunnel's server needs it: droplets, firewalls, reserved IPs, the account's keys. */
import type { CloudsWorld } from "../world";
import type { CloudRoute } from "../http";
import { accountRoutes } from "./account";
import { dropletRoutes } from "./droplets";
import { firewallRoutes } from "./firewalls";
import { reservedIpRoutes } from "./reservedIps";

export const digitaloceanRoutes = (account: CloudsWorld["digitalocean"]): CloudRoute[] => [
  ...dropletRoutes(account),
  ...firewallRoutes(account),
  ...reservedIpRoutes(account),
  ...accountRoutes(account),
];
