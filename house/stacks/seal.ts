/** What may leave a VPN's network on one VM, its variables filled in. Pure. */
import { z } from "zod";
import type { Problem } from "../../values/problem";
import type { Stack } from "./stack";

export interface Seal {
  /** The service with the tunnel. */
  readonly service: string;
  /** Its network's interface on the VM. */
  readonly bridge: string;
  /** UDP port of the tunnel's far end. */
  readonly endpointPort: number;
  /** Networks that stay reachable: `192.168.86.174/32`. */
  readonly neighbours: readonly string[];
}

const port = z.coerce.number().int().min(1).max(65535);
/** With its length: gluetun takes no other, and doesn't start. */
const neighbour = z.cidrv4();

/** @returns `undefined` for a stack without a VPN. */
export function sealOf(
  { name, file, vpn }: Pick<Stack, "name" | "file" | "vpn">,
  filled: (text: string) => string,
): { readonly seal: Seal } | { readonly problem: Problem } | undefined {
  if (vpn === undefined) return undefined;
  const path = `stacks/${name}/${file}: x-infinity.vpn`;
  const portText = filled(String(vpn.endpointPort));
  const endpointPort = port.safeParse(portText);
  if (!endpointPort.success)
    return {
      problem: { path: `${path}.endpointPort`, value: portText, rule: "is no port", fix: "give one of 1-65535" },
    };
  // The container is given the same text: nothing in it may need to be put right first.
  const given = filled(vpn.neighbours);
  const neighbours = given === "" ? [] : given.split(",");
  const wrong = neighbours.find((text) => !neighbour.safeParse(text).success);
  if (wrong !== undefined) {
    const fix = "write networks with commas and no blanks between them; of one machine: 192.168.86.174/32";
    return { problem: { path: `${path}.neighbours`, value: wrong, rule: "is no IPv4 network", fix } };
  }
  const { service, bridge } = vpn;
  return { seal: { service, bridge, endpointPort: endpointPort.data, neighbours } };
}
