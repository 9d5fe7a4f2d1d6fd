/** What leaves a guest, counted outside of it: on the guests' switch. Keeps what it saw until it is asked. */
import type { QemuMachines } from "../../lab/guests/machines";
import { isWireguard, sentBack, type Frame, type Packet } from "../../lab/guests/packets";

/** Whose frames are counted, and where they may go. */
export interface Bounds {
  readonly mac: string;
  /** Addresses that may be sent anything but names. */
  readonly neighbours: readonly string[];
  /** Where the tunnel ends: WireGuard's messages and nothing else. */
  readonly endpoint: string;
  /** Ports that are answered from, whoever asked. */
  readonly answers: readonly number[];
}

export interface Outside {
  /** WireGuard messages to the endpoint since the last call. */
  tunnelled(): number;
  /** Everything since the last call that had no business outside: `udp 192.168.86.1:53`, each once. */
  strays(): string[];
  end(): void;
}

/** Neighbour discovery and group membership: they stay on the link, and every Linux says them. */
const isLinkTalk = (to: string): boolean => to.startsWith("ff02:") || to === "224.0.0.22";

/** The VM's own word to the tunnel's end that nobody takes its messages, while the container is away. */
function refuses(packet: Packet, endpoint: string): boolean {
  const refused = sentBack(packet);
  return refused?.kind === "ip" && refused.from === endpoint && refused.fromPort === 51820 && isWireguard(refused);
}

/** @returns what it is, in a few words; `undefined` where it may leave. Pure. */
export function strayOf({ packet }: Frame, { neighbours, endpoint, answers }: Bounds): string | undefined {
  if (packet.kind === "link" || isLinkTalk(packet.to)) return undefined;
  const { protocol, to, fromPort, toPort } = packet;
  if (to === endpoint && toPort === 51820 && isWireguard(packet)) return undefined;
  if (to === endpoint && refuses(packet, endpoint)) return undefined;
  if (protocol === "tcp" && fromPort !== undefined && answers.includes(fromPort)) return undefined;
  if (neighbours.includes(to) && toPort !== 53 && toPort !== 853) return undefined;
  return toPort === undefined ? `${protocol} ${to}` : `${protocol} ${to}:${toPort}`;
}

export function watchOutside(machines: QemuMachines, bounds: Bounds): Outside {
  const strays = new Set<string>();
  let tunnelled = 0;
  const end = machines.watch((frame) => {
    if (frame.from !== bounds.mac) return;
    const what = strayOf(frame, bounds);
    if (what !== undefined) strays.add(what);
    else if (frame.packet.kind === "ip" && frame.packet.to === bounds.endpoint) tunnelled += 1;
  });
  return {
    tunnelled: () => {
      const count = tunnelled;
      tunnelled = 0;
      return count;
    },
    strays: () => {
      const found = [...strays].sort();
      strays.clear();
      return found;
    },
    end,
  };
}
