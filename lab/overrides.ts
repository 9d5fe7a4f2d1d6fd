/** What a lab's stack has to know of the running lab: its addresses and certificate are made on this machine. Pure. */
import type { Serving } from "./servers";
import type { Override } from "./stack";

const HYPERVISOR = ["config", "pulumi-nodejs:hypervisor"];

/** The values of Pulumi.lab.yaml that give way to those of the lab that runs. */
export function labOverrides({ url, fingerprint, clouds }: Serving): readonly Override[] {
  return [
    [[...HYPERVISOR, "endpoint"], url],
    [[...HYPERVISOR, "tls"], { fingerprint }],
    [["config", "digitalocean:apiEndpoint"], clouds.apiEndpoint],
    [["config", "cloudflare:baseUrl"], clouds.baseUrl],
  ];
}
