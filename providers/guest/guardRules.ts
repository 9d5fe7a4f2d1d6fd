/**
 * nftables rules that hold a bridge of Docker's: what comes out of its containers goes to the neighbours, or is WireGuard on
 * its way to the endpoint, or goes nowhere. A table of its own, before Docker's rules: neither side can open the other's. Pure.
 */

export interface GuardSpec {
  /** Of the stack that it holds: `vpn`. */
  readonly name: string;
  /** The bridge's interface on the guest: `br-vpn`. */
  readonly bridge: string;
  /** UDP port of the tunnel's far end, at whichever address. */
  readonly endpointPort: number;
  /** Networks that stay reachable, but for name servers: `192.168.86.174/32`. */
  readonly neighbours: readonly string[];
}

/** A project's name may have a dash, and a table's may not; a dot is in no project's name. */
export const tableOf = (name: string): string => `infinity_${name.replaceAll("-", ".")}`;

/**
 * WireGuard's messages by their first four bytes, and how long the UDP datagram around them is: the port alone would let
 * anything out that somebody else listens for there. (WireGuard's protocol page, "first message" to "subsequent messages".)
 */
const MESSAGES: Readonly<Record<number, string>> = { 1: "156", 2: "100", 3: "72", 4: "40-65535" };

const endpointRules = (port: number): string[] =>
  Object.entries(MESSAGES).map(
    ([type, length]) =>
      `meta nfproto ipv4 udp dport ${port} udp length ${length} @th,64,32 0x0${type}000000 counter accept`,
  );

/** The file's text: it replaces the table as a whole, so that there is no moment without one. */
export function guardRules({ name, bridge, endpointPort, neighbours }: GuardSpec): string {
  const table = tableOf(name);
  const elements = neighbours.length === 0 ? [] : [`    elements = { ${neighbours.join(", ")} }`];
  return [
    "# Written by infinity-node: changes here are undone.",
    `add table inet ${table}`,
    `delete table inet ${table}`,
    `table inet ${table} {`,
    "  set neighbours {",
    "    type ipv4_addr",
    "    flags interval",
    ...elements,
    "  }",
    "  chain forward {",
    "    type filter hook forward priority -10; policy accept;",
    `    iifname "${bridge}" jump held`,
    "  }",
    "  # The guest itself may run a name server or a proxy: a way around as good as any.",
    "  chain input {",
    "    type filter hook input priority -10; policy accept;",
    `    iifname "${bridge}" jump answers`,
    `    iifname "${bridge}" counter drop`,
    "  }",
    "  # To who came in from outside: the web interfaces. Never the other way round, whatever was begun before these rules.",
    "  chain answers {",
    "    ct direction reply ct state established counter accept",
    "  }",
    "  chain held {",
    `    oifname "${bridge}" accept`,
    "    jump answers",
    "    meta l4proto { tcp, udp } th dport { 53, 853 } counter drop",
    "    ip daddr @neighbours counter accept",
    ...endpointRules(endpointPort).map((rule) => `    ${rule}`),
    "    counter drop",
    "  }",
    "}",
    "",
  ].join("\n");
}
