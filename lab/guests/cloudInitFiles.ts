/**
 * The files of a VM's cloud-init drive in the shape in which Proxmox 8.4 generates them for Linux guests (NoCloud, network
 * configuration version 1; PVE::QemuServer::Cloudinit). Pure.
 */
import { createHash } from "node:crypto";
import ipaddr from "ipaddr.js";
import { parseMac, parsePairs } from "./configText";

type Config = Readonly<Record<string, string>>;

/** Of the node, whose values stand where the VM has none. */
export interface NodeDns {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
}

const words = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== "");
const quoted = (text: string): string => `'${text}'`;

function names({ name = "", searchdomain }: Config, vmid: number): { host: string; fqdn?: string } {
  const full = name === "" ? `VM${vmid}` : name;
  const [host = full] = full.split(".");
  if (host !== full) return { host, fqdn: full };
  return { host, ...(searchdomain === undefined ? {} : { fqdn: `${full}.${searchdomain}` }) };
}

export function userData(config: Config, vmid: number): string {
  const { host, fqdn } = names(config, vmid);
  const { ciuser, cipassword, sshkeys, ciupgrade } = config;
  const keys = decodeURIComponent(sshkeys ?? "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const lines = [
    "#cloud-config",
    `hostname: ${host}`,
    "manage_etc_hosts: true",
    ...(fqdn === undefined ? [] : [`fqdn: ${fqdn}`]),
    ...(ciuser === undefined ? [] : [`user: ${ciuser}`]),
    ...(ciuser === "root" ? ["disable_root: False"] : []),
    ...(cipassword === undefined ? [] : [`password: ${cipassword}`]),
    ...(sshkeys === undefined ? [] : ["ssh_authorized_keys:", ...keys.map((key) => `  - ${key}`)]),
    ...["chpasswd:", "  expire: False"],
    ...(ciuser === "root" ? [] : ["users:", "  - default"]),
    `package_upgrade: ${ciupgrade === "0" ? "false" : "true"}`,
  ];
  return `${lines.join("\n")}\n`;
}

const netmask = (prefix: number): string => ipaddr.IPv4.subnetMaskFromPrefixLength(prefix).toString();

function ipv4(ip: string, gateway: string | undefined): string[] {
  if (ip === "dhcp") return ["- type: dhcp4"];
  const [address = "", prefix = "32"] = ip.split("/");
  const lines = ["- type: static", `  address: ${quoted(address)}`, `  netmask: ${quoted(netmask(Number(prefix)))}`];
  return gateway === undefined ? lines : [...lines, `  gateway: ${quoted(gateway)}`];
}

function ipv6(ip: string, gateway: string | undefined): string[] {
  if (ip === "dhcp") return ["- type: dhcp6"];
  if (ip === "auto") return ["- type: ipv6_slaac"];
  const lines = ["- type: static6", `  address: ${quoted(ip)}`];
  return gateway === undefined ? lines : [...lines, `  gateway: ${quoted(gateway)}`];
}

function nic(config: Config, id: string): string[] {
  const { ip, gw, ip6, gw6 } = parsePairs(config[`ipconfig${id}`] ?? "");
  const mac = parseMac(config[`net${id}`] ?? "").toLowerCase();
  const subnets = [...(ip === undefined ? [] : ipv4(ip, gw)), ...(ip6 === undefined ? [] : ipv6(ip6, gw6))];
  return [
    ...["- type: physical", `  name: eth${id}`, `  mac_address: ${quoted(mac)}`, "  subnets:"],
    ...subnets.map((line) => `  ${line}`),
  ];
}

export function networkConfig(config: Config, node: NodeDns): string {
  const ids = Object.keys(config)
    .flatMap((key) => /^net(\d+)$/.exec(key)?.[1] ?? [])
    .filter((id) => (config[`ipconfig${id}`] ?? "") !== "")
    .sort();
  const nameservers = config.nameserver === undefined ? node.nameservers : words(config.nameserver);
  const search = config.searchdomain === undefined ? node.search : words(config.searchdomain);
  const list = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [`  ${title}:`, ...items.map((item) => `  - ${quoted(item)}`)];
  const lines = [
    ...ids.flatMap((id) => nic(config, id)),
    ...["- type: nameserver", ...list("address", nameservers), ...list("search", search)],
  ];
  return `version: 1\nconfig:\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

/** By name on the drive. A guest takes data with another instance id as a new machine's. */
export function cloudInitFiles(config: Config, vmid: number, node: NodeDns): Readonly<Record<string, string>> {
  const [user, network] = [userData(config, vmid), networkConfig(config, node)];
  const instance = createHash("sha1")
    .update(user + network)
    .digest("hex");
  return {
    "user-data": user,
    "network-config": network,
    "meta-data": `instance-id: ${instance}\n`,
    "vendor-data": "",
  };
}
