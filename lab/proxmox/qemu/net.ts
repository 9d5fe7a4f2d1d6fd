/** A VM's NICs in Proxmox's canonical form: `model=MAC`, then the options by name. Pure but for the MAC it is given. */
import { parseProperties, type Properties } from "../wire/properties";
import { netFormat } from "./formats";

export const parseNet = (key: string, text: string): Properties => parseProperties(netFormat, text, key);

export function printNet(values: Properties): string {
  const { model = "virtio", macaddr = "", ...options } = values;
  const rest = Object.entries(options)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `,${key}=${value}`);
  return `${model}=${macaddr}${rest.join("")}`;
}

/** Canonical text of a NIC; one that names no MAC gets a new one, every time. */
export function canonicalNet(key: string, text: string, newMac: () => string): string {
  const values = parseNet(key, text);
  return printNet({ ...values, macaddr: values.macaddr ?? newMac() });
}
