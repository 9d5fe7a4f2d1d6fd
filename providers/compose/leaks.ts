/**
 * Whether anything gets around a stack's VPN, asked on the guest of every container in the VPN's network: which ways it has
 * out, which one it would take, what answers that is asked around the tunnel, and who its name servers are. Changes nothing;
 * sends a few pings. Takes iproute2, util-linux, nftables and ping on the guest, and nothing inside the containers.
 */
import type { Command } from "../guest/bulk";
import { tableOf } from "../guest/guardRules";

export interface Vpn {
  /** Service whose network the others share. */
  readonly service: string;
  /** Interface of its bridge on the guest, which a network guard of the stack's name holds. */
  readonly bridge: string;
}

/** A tunnel that is just being made anew is waited for, and no longer. Seconds. */
const PATIENCE = 20;

/**
 * Arguments: project, service, bridge, table, seconds. Says each leak on a line of its own to stderr, and ends with 1.
 * Addresses: one in either half of IPv4, as a tunnel may have two routes of one bit; documentation's own where any will do.
 */
export const LEAK_SCRIPT = `project=$1 service=$2 bridge=$3 table=$4 patience=$5 found=0
leak() { printf '%s\\n' "$*" >&2; found=1; }
inside() { nsenter --net="/proc/$pid/ns/net" "$@"; }
by() { inside ip -o route get "$1" 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p'; }
tunnel() { inside ip -o -d link show dev "$1" 2>/dev/null | grep -qE ' (wireguard|tun type tun) '; }
through() { dev=$(by "$1"); [ -z "$dev" ] || [ "$dev" = lo ] || tunnel "$dev"; }
routed() { through 9.9.9.9 && through 203.0.113.1 && through 2620:fe::9 && through 2001:db8::1; }
server() {
  case $1 in 127.*|::1) ;; *) through "$1" || leak "$name: its name server $1 is asked around the tunnel, by $dev" ;; esac
}
around() {
  inside ip -o link show up | sed 's/^[0-9]*: \\([^:]*\\):.*/\\1/' | while IFS=@ read -r dev peer; do
    [ "$dev" = lo ] || tunnel "$dev" || printf '%s %s\\n' "$dev" "\${peer#if}"
  done
}
command -v ping >/dev/null || leak "ping is missing on the guest: nothing can be sent to see whether it gets out"
nft list table inet "$table" >/dev/null 2>&1 || leak "the guard's rules are not loaded on the guest: table $table"
owner=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service" | head -n 1)
[ -n "$owner" ] || leak "$service doesn't run: nothing is known of its network"
servers=$(docker inspect --format '{{range .HostConfig.Dns}}{{.}} {{end}}' $owner)
[ -n "$servers" ] || leak "$service: has no name server of its own: Docker asks the guest's, around the tunnel"
gateway=$(ip -o route show default | sed -n 's/.* via \\([^ ]*\\).*/\\1/p' | head -n 1)
[ -z "$gateway" ] || ! nft get element inet "$table" neighbours "{ $gateway }" >/dev/null 2>&1 || gateway=
seen=' '
while read -r id pid name mode; do
  [ "$id" = "$owner" ] || [ "$mode" = "container:$owner" ] || continue
  name=\${name#/}
  for one in $(sed -n 's/^nameserver *//p' "/proc/$pid/root/etc/resolv.conf"); do server "$one"; done
  space=$(stat -L -c %i "/proc/$pid/ns/net")
  case $seen in *" $space "*) continue ;; esac
  seen="$seen$space "
  for one in $servers; do server "$one"; done
  until routed || [ "$patience" -le 0 ]; do patience=$((patience - 1)); sleep 1; done
  routed || leak "$name: its way to the internet is $dev, which is no tunnel"
  ways=$(around)
  while read -r dev peer; do
    [ -n "$dev" ] || continue
    ip -o link show | grep -qE "^$peer: .* master $bridge " || leak "$name: its interface $dev is not on $bridge, so the guard doesn't hold it"
    for one in 9.9.9.9 $gateway; do
      ! inside ping -n -q -c 2 -i 0.3 -W 1 -I "$dev" "$one" >/dev/null 2>&1 || leak "$name: $one answered what was sent around the tunnel, by $dev"
    done
  done <<WAYS
$ways
WAYS
done <<CONTAINERS
$(docker ps -q --no-trunc | xargs -r docker inspect --format '{{.Id}} {{.State.Pid}} {{.Name}} {{.HostConfig.NetworkMode}}')
CONTAINERS
exit "$found"`;

export const leakCheck = (project: string, { service, bridge }: Vpn): Command => [
  ...(["sh", "-c", LEAK_SCRIPT] as const),
  ...["sh", project, service, bridge, tableOf(project), String(PATIENCE)],
];
