/**
 * The addresses that a guest has, as its agent tells them (`GET .../agent/network-get-interfaces`, PVE 8.4): outputs for a house
 * that asks for them. They come and go with the guest, so they are never compared, and a silent agent never stops a run.
 */
import { setTimeout as delay } from "node:timers/promises";
import { isIPv4 } from "node:net";
import { canonical } from "../../canonical";
import { ProxmoxError, type ProxmoxClient } from "../client";
import type { Nic } from "./args";
import type { VmState } from "./inputs";
import { vmPath } from "./observe";

/** How long a guest that was just started may take to boot and to get its address. */
const BOOT_MS = 90_000;
const POLL_MS = 1_000;

type Addresses = NonNullable<VmState["addresses"]>;

interface Interface {
  readonly name: string;
  readonly "hardware-address"?: string;
  readonly "ip-addresses"?: readonly { readonly "ip-address": string }[];
}

/** Of a link only, or of the guest itself: nobody else reaches it there. */
const isLocal = (address: string): boolean => /^(?:fe[89ab][0-9a-f]:|::1$|127\.|169\.254\.)/i.test(address);

/** By slot: IPv4 first. Bridges and tunnels that the guest made for itself are no slot. Pure. */
export function addressesOf(state: Pick<VmState, "nics" | "macs">, interfaces: readonly Interface[]): Addresses {
  const nics: Readonly<Record<string, Nic>> = state.nics ?? {};
  const entries = Object.entries(nics).flatMap(([slot, nic]) => {
    const mac = (nic.mac ?? state.macs[slot])?.toUpperCase();
    const found = interfaces.find((each) => mac !== undefined && each["hardware-address"]?.toUpperCase() === mac);
    const told = (found?.["ip-addresses"] ?? []).map((each) => each["ip-address"]).filter((each) => !isLocal(each));
    const [v4, v6] = [told.filter(isIPv4).sort(), told.filter((each) => !isIPv4(each)).sort()];
    return told.length === 0 ? [] : [[slot, [...v4, ...v6]] as const];
  });
  return canonical(Object.fromEntries(entries));
}

/** `undefined` where there is nobody to ask, or no answer to be had: that is nobody's failure. */
async function ask(client: ProxmoxClient, state: VmState): Promise<Addresses | undefined> {
  try {
    const path = `${vmPath(state.node, state.vmid)}/agent/network-get-interfaces`;
    const { result } = await client.get<{ readonly result: readonly Interface[] }>(path);
    return addressesOf(state, result);
  } catch (error) {
    // A token that may not ask is told so; all else passes when the guest is up.
    if (error instanceof ProxmoxError && error.status !== 403) return undefined;
    throw error;
  }
}

export interface Asking {
  readonly client: ProxmoxClient;
  /** What is recorded already: it goes on to count where the guest doesn't answer. */
  readonly before?: VmState["addresses"];
  /** Whether the guest was started just now: it is given time to boot. */
  readonly started: boolean;
  readonly tell: (text: string) => void;
  /** @default 90 000 */
  readonly bootMs?: number;
}

/** The state with its addresses, where the house asks for them. A VM that is off, or whose agent is, is not asked. */
export async function withAddresses(state: VmState, asking: Asking): Promise<VmState> {
  const { client, before, started, tell, bootMs = BOOT_MS } = asking;
  if (state.agentAddresses !== true) return state;
  const known = (addresses: VmState["addresses"]): VmState => canonical({ ...state, addresses });
  if (state.status !== "running" || state.agent !== true || state.pending.includes("agent")) return known(before);
  const until = Date.now() + bootMs;
  for (;;) {
    const addresses = await ask(client, state);
    if (addresses !== undefined && (!started || Object.keys(addresses).length > 0)) return known(addresses);
    if (!started) return known(before);
    if (Date.now() >= until) {
      tell(
        `agentAddresses: the guest agent told none within ${bootMs / 1000} s - is it installed? "pulumi refresh" asks again`,
      );
      return known(before);
    }
    await delay(Math.min(POLL_MS, Math.max(0, until - Date.now())));
  }
}
