/** Named formats of Proxmox's schema that the lab's endpoints use, each with Proxmox's own words. Pure. */
import { isIP, isIPv4, isIPv6 } from "node:net";
import type { Field, Format } from "./schema";

const matches =
  (pattern: RegExp, text: string): Format =>
  (value) =>
    pattern.test(value) ? undefined : `${text}\n`;

export const splitList = (text: string): string[] => text.split(/[,;\s\0]+/).filter((part) => part !== "");

const listOf =
  (format: Format): Format =>
  (value, path) => {
    for (const part of splitList(value)) {
      const problem = format(part, path);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };

const LABEL = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)";
const DNS = new RegExp(`^(?:${LABEL}\\.)*${LABEL}$`);
const VOLUME = /^([a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]):(.+)$/;
const CONTENT = ["images", "rootdir", "iso", "vztmpl", "backup", "snippets", "import", "none"];

const volumeId: Format = (value) => (VOLUME.test(value) ? undefined : `unable to parse volume ID '${value}'\n`);
const ipWithMask = (value: string, isAddress: (text: string) => boolean, bits: number): boolean => {
  const [address, mask, ...rest] = value.split("/");
  return rest.length === 0 && isAddress(address ?? "") && /^\d+$/.test(mask ?? "") && Number(mask) <= bits;
};

export const formats = {
  vmid: matches(/^[1-9][0-9]{2,8}$/, "value does not look like a valid VM ID"),
  node: matches(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/, "value does not look like a valid node name"),
  dnsName: matches(DNS, "value does not look like a valid DNS name"),
  configId: (value) => (/^[a-z][a-z0-9_-]+$/i.test(value) ? undefined : `invalid configuration ID '${value}'\n`),
  storageId: (value) =>
    /^[a-z][a-z0-9\-_.]*[a-z0-9]$/i.test(value) ? undefined : `storage ID '${value}' contains illegal characters\n`,
  content: (value) => (CONTENT.includes(value) ? undefined : `invalid content type '${value}'\n`),
  email: matches(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "value does not look like a valid email address"),
  absolutePath: matches(/^\/[^\0]*$/, "value does not look like a valid absolute path"),
  volumeId,
  volumeOrDevice: (value, path) =>
    value === "none" || value === "cdrom" || value.startsWith("/") ? undefined : volumeId(value, path),
  volumeOrPath: (value, path) => (value.startsWith("/") ? undefined : volumeId(value, path)),
  diskSize: (value) =>
    /^\d+(\.\d+)?[KMGT]?$/.test(value) ? undefined : `value does not look like a valid disk size: ${value}\n`,
  urlEncoded: (value) =>
    /^(?:[-A-Za-z0-9_.~*'()!]|%[0-9a-fA-F]{2})*$/.test(value) ? undefined : `invalid urlencoded string: ${value}\n`,
  mac: (value) =>
    /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i.test(value)
      ? undefined
      : "value does not look like a valid unicast MAC address\n",
  bridge: (value) => (/^[-_.\w\d]{1,15}$/.test(value) ? undefined : `invalid bridge ID '${value}'\n`),
  address: (value) => (isIP(value) !== 0 || DNS.test(value) ? undefined : "value does not look like a valid address\n"),
  ipv4: (value) => (isIPv4(value) ? undefined : "value is not a valid IPv4 address\n"),
  ipv6: (value) => (isIPv6(value) ? undefined : "value is not a valid IPv6 address\n"),
  ipv4Config: (value) =>
    value === "dhcp" || ipWithMask(value, isIPv4, 32)
      ? undefined
      : "value does not look like a valid ipv4 network configuration\n",
  ipv6Config: (value) =>
    value === "dhcp" || value === "auto" || ipWithMask(value, isIPv6, 128)
      ? undefined
      : "value does not look like a valid ipv6 network configuration\n",
  tag: matches(/^[a-z0-9_][a-z0-9_\-+.]*$/i, "invalid characters in tag"),
  startup: (value) =>
    value.split(",").every((part) => /^(?:order=)?\d+$|^(?:up|down)=\d+$/.test(part))
      ? undefined
      : "unable to parse startup options\n",
  hotplug: (value) =>
    /^[01]$/.test(value) || splitList(value).every((part) => /^(network|disk|cpu|memory|usb|cloudinit)$/.test(part))
      ? undefined
      : `unable to parse hotplug option\n`,
  cpuSet: matches(/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/, "value does not look like a valid CPU set"),
} satisfies Record<string, Format>;

export { listOf };

export const text = (extra: Partial<Field> = {}): Field => ({ type: "string", ...extra });
export const integer = (extra: Partial<Field> = {}): Field => ({ type: "integer", ...extra });
export const flag: Field = { type: "boolean" };
export const nodeField: Field = { type: "string", format: formats.node, required: true };
export const vmidField: Field = {
  type: "integer",
  format: formats.vmid,
  minimum: 100,
  maximum: 999999999,
  required: true,
};
export const digestField: Field = { type: "string", maxLength: 40 };
