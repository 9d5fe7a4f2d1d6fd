/** NICs between the house's words and Proxmox's `virtio=BC:24:11:..,bridge=vmbr0,tag=20` (PVE 8.4). Pure. */
import type { Nic } from "./args";
import { printPropertyString } from "./propertyString";

const OPTIONS = new Set([
  "bridge",
  "firewall",
  "link_down",
  "macaddr",
  "model",
  "mtu",
  "queues",
  "rate",
  "tag",
  "trunks",
]);

export interface NicConfig {
  readonly model: string;
  /** As the server stores it; missing where it has still to give one out. */
  readonly mac?: string;
  /** The other options as Proxmox writes them. */
  readonly options: Readonly<Record<string, string>>;
}

/** Takes each way in which Proxmox accepts a NIC: `virtio=MAC`, `virtio` alone, `model=virtio,macaddr=MAC`. */
export function parseNic(text: string): NicConfig {
  let [model, mac]: (string | undefined)[] = [];
  const options: Record<string, string> = {};
  for (const part of text.split(",").filter((item) => item !== "")) {
    const [key = "", value] = part.split("=", 2);
    if (key === "model") model = value;
    else if (key === "macaddr") mac = value;
    else if (OPTIONS.has(key)) options[key] = value ?? "";
    else [model, mac] = [key, value ?? mac];
  }
  return { model: model ?? "", mac, options };
}

export function printNic({ model, mac, options }: NicConfig): string {
  const rest = printPropertyString(options);
  return [mac === undefined ? model : `${model}=${mac}`, ...(rest === "" ? [] : [rest])].join(",");
}

/** The house's words; `mac` always, upper-case: whether the house names it is the caller's knowledge. */
export function nicFromApi({ model, mac, options }: NicConfig): Nic {
  return {
    model: model as Nic["model"],
    bridge: options.bridge ?? "",
    vlan: options.tag === undefined ? undefined : Number(options.tag),
    firewall: options.firewall === "1" ? true : undefined,
    mac: mac?.toUpperCase(),
  };
}

/**
 * @param mac the address to keep where the house names none: without one Proxmox gives out a new one at every change.
 * @param observed options of the NIC in the slot; those the house has no word for (rate, queues, link_down) stay.
 */
export function nicToApi(nic: Nic, mac?: string, observed: NicConfig["options"] = {}): string {
  const options: Record<string, string | undefined> = {
    ...observed,
    bridge: nic.bridge,
    tag: nic.vlan === undefined ? undefined : String(nic.vlan),
    firewall: nic.firewall === true ? "1" : undefined,
  };
  const known = Object.entries(options).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return printNic({ model: nic.model ?? "virtio", mac: nic.mac ?? mac, options: Object.fromEntries(known) });
}
