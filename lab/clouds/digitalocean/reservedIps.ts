/** `/v2/reserved_ips` and its actions: an address that outlives the droplet that it is assigned to. */
import type { CloudsWorld, ReservedIpRecord } from "../world";
import { route, type CloudRoute } from "../http";
import { regionOf } from "./catalogue";
import { actionOn, dropletJson } from "./droplets";
import { badRequest, notFound, unprocessable } from "./problems";

type Account = CloudsWorld["digitalocean"];

function reservedJson(account: Account, { ip, region, dropletId }: ReservedIpRecord) {
  const droplet = dropletId === undefined ? undefined : account.droplets[dropletId];
  const place = { region: regionOf(region), droplet: droplet ? dropletJson(droplet) : null };
  return { ip, ...place, locked: false, project_id: "746c6152-2fa2-11ed-92d3-27aaa54e4988" };
}

export function reservedIpRoutes(account: Account): CloudRoute[] {
  const find = (ip: string | undefined): ReservedIpRecord => {
    const reserved = account.reservedIps[ip ?? ""];
    if (!reserved) throw notFound();
    return reserved;
  };
  const shown = (status: number, reserved: ReservedIpRecord) => ({
    status,
    json: { reserved_ip: reservedJson(account, reserved) },
  });
  return [
    route("POST", "/v2/reserved_ips", ({ body: { region } }) => {
      if (typeof region !== "string" || regionOf(region) === undefined)
        throw unprocessable("region is not valid, or has no more addresses");
      const made: ReservedIpRecord = { ip: `203.0.113.${account.nextHost++}`, region };
      account.reservedIps[made.ip] = made;
      return shown(202, made);
    }),
    route("GET", "/v2/reserved_ips", () => {
      const all = Object.values(account.reservedIps).map((one) => reservedJson(account, one));
      return { status: 200, json: { reserved_ips: all, links: {}, meta: { total: all.length } } };
    }),
    route("GET", "/v2/reserved_ips/:ip", ({ path: [ip] }) => shown(200, find(ip))),
    route("DELETE", "/v2/reserved_ips/:ip", ({ path: [ip] }) => {
      Reflect.deleteProperty(account.reservedIps, find(ip).ip);
      return { status: 204 };
    }),
    route("POST", "/v2/reserved_ips/:ip/actions", ({ path: [ip], body: { type, droplet_id: wanted } }) => {
      const reserved = find(ip);
      if (type === "unassign") {
        if (reserved.dropletId === undefined) throw unprocessable("The reserved IP is not assigned to a resource.");
        delete reserved.dropletId;
      } else if (type === "assign") {
        const droplet = account.droplets[Number(wanted)];
        if (droplet?.region !== reserved.region)
          throw unprocessable("The droplet is not there, or in another region than the reserved IP.");
        reserved.dropletId = droplet.id;
      } else throw badRequest("the lab's reserved IPs are assigned and unassigned");
      return { status: 201, json: { action: actionOn(account, `${type}_ip`, reserved.dropletId ?? 0) } };
    }),
    route("GET", "/v2/reserved_ips/:ip/actions/:id", ({ path: [, id] }) => {
      const action = account.actions[id ?? ""];
      if (!action) throw notFound();
      return { status: 200, json: { action: { id: action.id, type: action.type, status: "completed" } } };
    }),
  ];
}
