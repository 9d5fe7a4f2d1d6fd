/** What a lab's stack has to know of the running lab: its addresses and certificate are made on this machine. Pure. */
import { parse } from "yaml";
import { z } from "zod";
import type { ServingGuests } from "./guest/guests";
import type { Serving } from "./servers";
import type { Override } from "./stack";

const HYPERVISOR = ["config", "pulumi-nodejs:hypervisor"];

/** Every guest has a port of this machine instead of the house's own addresses. */
export const sshOf = ({ key, ports }: Pick<ServingGuests, "key" | "ports">) => ({
  key,
  hosts: Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { address: "127.0.0.1", port }])),
});

const guestOverrides = (guests: ServingGuests): readonly Override[] => [
  [["config", "pulumi-nodejs:ssh"], sshOf(guests)],
  [["config", "infinity-node:guests", "users", "evan", "keys"], [guests.publicKey]],
];

const StackFile = z.object({ config: z.object({ "infinity-node:vms": z.record(z.string(), z.unknown()) }) });

/** A house of real guests lets the lab's key in, at their ports of this machine. @param stackFile its text. */
export function realOverrides(stackFile: string, access: ServingGuests): readonly Override[] {
  const vms = Object.keys(StackFile.parse(parse(stackFile)).config["infinity-node:vms"]);
  return [
    ...guestOverrides(access),
    ...vms.map((name): Override => [["config", "infinity-node:vms", name, "cloudInit", "sshKeys"], [access.publicKey]]),
  ];
}

/** The values of Pulumi.lab.yaml that give way to those of the lab that runs. */
export function labOverrides({ url, fingerprint, clouds, ssh, inside }: Serving): readonly Override[] {
  return [
    [[...HYPERVISOR, "endpoint"], url],
    [[...HYPERVISOR, "tls"], { fingerprint }],
    [[...HYPERVISOR, "ssh"], { address: "127.0.0.1", ...ssh }],
    [["config", "digitalocean:apiEndpoint"], clouds.apiEndpoint],
    [["config", "cloudflare:baseUrl"], clouds.baseUrl],
    ...(inside ? guestOverrides(inside) : []),
  ];
}
