/** `/v2/firewalls`: cloud firewalls, replaced as a whole by PUT. */
import { randomUUID } from "node:crypto";
import type { CloudsWorld, FirewallRecord, FirewallRule } from "../world";
import { isRecord, route, type Body, type CloudRoute } from "../http";
import { notFound, unprocessable } from "./problems";

type Account = CloudsWorld["digitalocean"];
type Side = "sources" | "destinations";

const firewallJson = (firewall: FirewallRecord) => ({
  ...{ id: firewall.id, name: firewall.name, status: "succeeded", created_at: firewall.createdAt },
  ...{ inbound_rules: firewall.inbound, outbound_rules: firewall.outbound, pending_changes: [] },
  ...{ droplet_ids: firewall.dropletIds, tags: firewall.tags },
});

function ruleOf(given: unknown, side: Side): FirewallRule {
  if (!isRecord(given)) throw unprocessable("invalid rule");
  const { protocol, ports } = given;
  const places = given[side];
  if (protocol !== "tcp" && protocol !== "udp" && protocol !== "icmp") throw unprocessable("invalid protocol");
  const shown = typeof ports === "string" ? ports : "";
  if (protocol !== "icmp" && !/^(all|0|\d{1,5}(-\d{1,5})?)$/.test(shown)) throw unprocessable("invalid port range");
  if (!isRecord(places) || Object.keys(places).length === 0) throw unprocessable(`rules need ${side}`);
  // The API has one word for all ports and for a protocol without ports.
  return { protocol, ports: shown === "all" || protocol === "icmp" ? "0" : shown, [side]: places };
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function contents(account: Account, body: Body): Omit<FirewallRecord, "id" | "createdAt"> {
  const { name } = body;
  if (typeof name !== "string" || !/^[a-zA-Z0-9][a-zA-Z0-9.-]+$/.test(name)) throw unprocessable("invalid name");
  const inbound = list(body.inbound_rules).map((rule) => ruleOf(rule, "sources"));
  const outbound = list(body.outbound_rules).map((rule) => ruleOf(rule, "destinations"));
  if (inbound.length + outbound.length === 0) throw unprocessable("must have at least one rule");
  const dropletIds = list(body.droplet_ids).map(Number);
  const lost = dropletIds.find((id) => account.droplets[id] === undefined);
  if (lost !== undefined) throw unprocessable(`could not find droplet with id: ${lost}`);
  return { name, inbound, outbound, dropletIds, tags: list(body.tags).map(String) };
}

export function firewallRoutes(account: Account): CloudRoute[] {
  const find = (id: string | undefined): FirewallRecord => {
    const firewall = account.firewalls[id ?? ""];
    if (!firewall) throw notFound();
    return firewall;
  };
  const shown = (status: number, firewall: FirewallRecord) => ({ status, json: { firewall: firewallJson(firewall) } });
  return [
    route("POST", "/v2/firewalls", ({ body }) => {
      const made = { id: randomUUID(), createdAt: new Date().toISOString(), ...contents(account, body) };
      account.firewalls[made.id] = made;
      return shown(202, made);
    }),
    route("GET", "/v2/firewalls", () => {
      const firewalls = Object.values(account.firewalls).map(firewallJson);
      return { status: 200, json: { firewalls, links: {}, meta: { total: firewalls.length } } };
    }),
    route("GET", "/v2/firewalls/:id", ({ path: [id] }) => shown(200, find(id))),
    route("PUT", "/v2/firewalls/:id", ({ path: [id], body }) =>
      shown(200, Object.assign(find(id), contents(account, body))),
    ),
    route("DELETE", "/v2/firewalls/:id", ({ path: [id] }) => {
      Reflect.deleteProperty(account.firewalls, find(id).id);
      return { status: 204 };
    }),
  ];
}
