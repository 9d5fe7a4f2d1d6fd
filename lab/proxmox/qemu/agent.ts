/**
 * `/nodes/{node}/qemu/{vmid}/agent/...`: what Proxmox asks a guest's agent on a caller's behalf. A real guest answers for
 * itself; a simulated one has the addresses that its cloud-init settings give it.
 */
import { vmidOf, type Call, type Permission, type Route } from "../call";
import { AgentSilent } from "../machines";
import { nodeField, vmidField } from "../wire/formats";
import { parseProperties } from "../wire/properties";
import { Problem } from "../wire/problem";
import type { Fields } from "../wire/schema";
import type { Vm } from "../world";
import { vmNamed } from "./find";
import { agentFormat, netFormat, smallFormats } from "./formats";
import { isNet } from "./volumeKeys";

type Answer = (vm: Vm) => unknown;

/** @throws Problem 500 in Proxmox's words where there is nobody to ask */
function checkAgent(vm: Vm): void {
  const { agent } = vm.config;
  if (agent === undefined || parseProperties(agentFormat, agent, "agent").enabled !== "1")
    throw Problem.failed("No QEMU guest agent configured");
  if (!vm.running) throw Problem.failed(`VM ${vm.vmid} is not running`);
}

async function ask(call: Call, command: string, simulated: Answer): Promise<unknown> {
  const vm = vmNamed(call.world, vmidOf(call));
  checkAgent(vm);
  if (call.machines === undefined) return simulated(vm);
  try {
    return await call.machines.agent(vm.vmid, command);
  } catch (error) {
    if (error instanceof AgentSilent) throw Problem.failed("QEMU guest agent is not running");
    throw Problem.failed(`Agent error: ${error instanceof Error ? error.message : String(error)}`);
  }
}

interface Interface {
  readonly name: string;
  readonly "hardware-address": string;
  readonly "ip-addresses": readonly Readonly<Record<string, unknown>>[];
}

const address = (text: string, type: "ipv4" | "ipv6"): Readonly<Record<string, unknown>> => {
  const [ip, prefix] = text.split("/");
  return { "ip-address": ip, "ip-address-type": type, prefix: Number(prefix) };
};

const LOOPBACK: Interface = {
  name: "lo",
  "hardware-address": "00:00:00:00:00:00",
  "ip-addresses": [address("127.0.0.1/8", "ipv4"), address("::1/128", "ipv6")],
};

/** As a Linux guest tells it that took up its cloud-init data. */
function interfaces({ config }: Vm): Interface[] {
  const cards = Object.keys(config).filter(isNet).sort();
  return [
    LOOPBACK,
    ...cards.map((key): Interface => {
      const { ip, ip6 } = parseProperties(smallFormats.ipconfig, config[key.replace("net", "ipconfig")] ?? "", key);
      const fixed = (text: string | undefined): text is string => text?.includes("/") === true;
      return {
        name: key.replace("net", "eth"),
        "hardware-address": (parseProperties(netFormat, config[key] ?? "", key).macaddr ?? "").toLowerCase(),
        "ip-addresses": [...(fixed(ip) ? [address(ip, "ipv4")] : []), ...(fixed(ip6) ? [address(ip6, "ipv6")] : [])],
      };
    }),
  ];
}

const OS = { id: "debian", name: "Debian GNU/Linux", "version-id": "12", machine: "x86_64" };

/** Commands without parameters, with what a simulated guest says. */
const COMMANDS: Readonly<Record<string, { readonly method: "GET" | "POST"; readonly simulated: Answer }>> = {
  ping: { method: "POST", simulated: () => ({}) },
  "network-get-interfaces": { method: "GET", simulated: interfaces },
  "get-host-name": { method: "GET", simulated: ({ vmid, config }) => ({ "host-name": config.name ?? `VM${vmid}` }) },
  "get-osinfo": { method: "GET", simulated: () => OS },
};

const ofVm: Fields = { node: nodeField, vmid: vmidField };
const MONITOR: Permission = { path: "/vms/{vmid}", privileges: ["VM.Monitor"] };
const BASE = "/nodes/{node}/qemu/{vmid}/agent";

export const agentRoutes: readonly Route[] = [
  ...Object.entries(COMMANDS).map(([command, { method, simulated }]): Route => ({
    method,
    template: `${BASE}/${command}`,
    fields: ofVm,
    permission: MONITOR,
    handle: async (call) => ({ result: await ask(call, command, simulated) }),
  })),
];
