/**
 * Where Proxmox is and who we are there, from today's environment and configuration; never from what an earlier `up`
 * recorded, so that a replaced token or a moved server works at once for refresh and destroy too. Pure: opens nothing.
 */
import ipaddr from "ipaddr.js";
import { formatProblem, type Problem } from "../../values/problem";
import { contains, hostAddress, parseNetwork } from "../../values/network";
import { credentialsFrom, type Credentials } from "./credentials";
import { parseEndpoint } from "./endpoint";
import { readSettings, type Settings } from "./settings";
import { trustFrom, type Trust } from "./trust";

export interface Connection {
  /** Origin of the API: `https://192.168.86.106:8006`. */
  readonly endpoint: string;
  readonly trust: Trust;
  readonly credentials: Credentials;
  /** Whether we log in as `root@pam` by password: what only root may set is refused to every token, its own too. */
  readonly rootTicket: boolean;
}

/**
 * @param env `PROXMOX_VE_ENDPOINT`, `PROXMOX_VE_API_TOKEN`, `PROXMOX_VE_USERNAME` and `PROXMOX_VE_PASSWORD` win over
 *   `PULUMI_CONFIG`: JSON of the configuration below `pulumi-nodejs:`, of which `hypervisor` and `network` count.
 * @throws Error with one line for each problem: property, rule and fix; no secret's value.
 */
export function connectionFrom(env: NodeJS.ProcessEnv): Connection {
  const { settings, problems } = readSettings(env);
  // What is missing because it could not be read is no problem of its own.
  if (problems.length > 0) throw notConfigured(problems);
  const endpoint = endpointFrom(env, settings);
  const trust = trustFrom(settings.hypervisor?.tls);
  const credentials = credentialsFrom(env, settings.hypervisor);
  if (isProblem(endpoint) || isProblem(trust) || isProblem(credentials)) {
    throw notConfigured([endpoint, trust, credentials].filter(isProblem));
  }
  const rootTicket = credentials.kind === "ticket" && credentials.user === "root@pam";
  return { endpoint, trust, credentials, rootTicket };
}

const isProblem = (value: Problem | string | Trust | Credentials): value is Problem =>
  typeof value === "object" && "rule" in value;

const notConfigured = (problems: readonly Problem[]): Error =>
  new Error(["The connection to Proxmox is not configured:", ...problems.map(formatProblem)].join("\n  "));

function endpointFrom(env: NodeJS.ProcessEnv, { hypervisor, network }: Settings): string | Problem {
  if (env.PROXMOX_VE_ENDPOINT) return parseEndpoint("PROXMOX_VE_ENDPOINT", env.PROXMOX_VE_ENDPOINT);
  if (hypervisor?.endpoint !== undefined) return parseEndpoint("hypervisor.endpoint", hypervisor.endpoint);
  if (hypervisor?.address === undefined) {
    return {
      path: "hypervisor.endpoint",
      rule: "where the Proxmox API is must be known",
      fix: "set hypervisor.address, hypervisor.endpoint or PROXMOX_VE_ENDPOINT",
    };
  }
  const address = addressFrom(hypervisor.address, network?.cidr);
  if (address !== undefined) return `https://${address}:8006`;
  return {
    path: "hypervisor.address",
    value: String(hypervisor.address),
    rule: `must be a host of the network ${network?.cidr ?? "(network.cidr is not set)"}`,
    fix: "set the host's part of the network (106), or a dotted address in it, or hypervisor.endpoint",
  };
}

/** A dotted address stands by itself where no network is given; a host's part needs one. */
function addressFrom(address: number | string, cidr: string | undefined): string | undefined {
  const network = cidr === undefined ? undefined : parseNetwork(cidr);
  if (Number.isInteger(Number(address))) return network && hostAddress(network, Number(address));
  const dotted = String(address);
  if (cidr === undefined) return ipaddr.IPv4.isValidFourPartDecimal(dotted) ? dotted : undefined;
  return network && contains(network, dotted) ? dotted : undefined;
}
