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
 * Arguments: project, service, bridge, table, seconds, and where the kernel tells of processes. @default /proc
 * Says each leak on a line of its own to stderr, and ends with 1. Fails closed: where it can't look, that is a leak.
 * Addresses: one in either half of IPv4, as a tunnel may have two routes of one bit; documentation's own where any will do.
 */
export const LEAK_SCRIPT = `project=$1 service=$2 bridge=$3 table=$4 patience=$5 proc=\${6:-/proc} found=0
leak() { printf '%s\\n' "$*" >&2; found=1; }
later() { [ "$patience" -gt 0 ] || return 1; patience=$((patience - 1)); sleep 1; }
inside() { nsenter --net="$proc/$pid/ns/net" "$@"; }
looks() { inside ip -o link show lo 2>/dev/null | grep -q '^[0-9]*: lo: '; }
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
running() {
  ids=$(docker ps -q --no-trunc) && [ -n "$ids" ] &&
    printf '%s\\n' "$ids" | xargs docker inspect --type container --format '{{.Id}} {{.State.Pid}} {{.Name}} {{.HostConfig.NetworkMode}}'
}
# One that Docker is just starting anew has a process soon; one that ended has nothing to look into.
process() {
  runs=
  until [ "$pid" != 0 ] && looks; do
    later && told=$(docker inspect --type container --format '{{.State.Pid}} {{.State.Running}}' "$id") || return
    pid=\${told% *} runs=\${told#* }
    [ "$runs" = true ] || return
  done
}
# A client without a process sends nothing: one that ended meanwhile, or that Docker starts again and again. Its network's owner has one.
gone() { [ "$id" != "$owner" ] && { [ "$pid" = 0 ] || [ ! -e "$proc/$pid" ]; }; }
ping -n -q -c 1 -W 1 127.0.0.1 >/dev/null 2>&1
[ $? -lt 2 ] || leak "ping doesn't work on the guest: nothing can be sent to see whether it gets out"
nft list table inet "$table" >/dev/null 2>&1 || leak "the guard's rules are not loaded on the guest: table $table"
owner=$(docker ps -q --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service" --filter label=com.docker.compose.oneoff=False | head -n 1)
[ -n "$owner" ] || leak "$service doesn't run: nothing is known of its network"
servers=$(docker inspect --format '{{range .HostConfig.Dns}}{{.}} {{end}}' $owner)
[ -n "$servers" ] || leak "$service: has no name server of its own: Docker asks the guest's, around the tunnel"
gateway=$(ip -o route show default | sed -n 's/.* via \\([^ ]*\\).*/\\1/p' | head -n 1)
[ -z "$gateway" ] || ! nft get element inet "$table" neighbours "{ $gateway }" >/dev/null 2>&1 || gateway=
until all=$(running); do later || { leak "Docker doesn't say which containers are in its network"; break; }; done
seen=' ' looked=' '
while read -r id pid name mode; do
  [ "$id" = "$owner" ] || [ "$mode" = "container:$owner" ] || continue
  name=\${name#/}
  process || { [ "$runs" = false ] || gone || leak "$name: its network can't be looked into"; continue; }
  names=$(cat "$proc/$pid/root/etc/resolv.conf") || { ! gone || continue; leak "$name: nothing is known of its name servers"; }
  for one in $(printf '%s\\n' "$names" | sed -n 's/^nameserver *//p'); do server "$one"; done
  space=$(stat -L -c %i "$proc/$pid/ns/net") || { gone || leak "$name: its network can't be looked into"; continue; }
  looked="$looked$id "
  case $seen in *" $space "*) continue ;; esac
  seen="$seen$space "
  for one in $servers; do server "$one"; done
  until routed || ! later; do :; done
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
  # What was asked of a network that went away meanwhile has no way out, and says nothing of the one that comes.
  looks || gone || leak "$name: its network went away while it was looked into"
done <<CONTAINERS
$all
CONTAINERS
[ -z "$owner" ] || case $looked in *" $owner "*) ;; *) leak "$service: nobody looked into its network" ;; esac
exit "$found"`;

export const leakCheck = (project: string, { service, bridge }: Vpn): Command => [
  ...(["sh", "-c", LEAK_SCRIPT] as const),
  ...["sh", project, service, bridge, tableOf(project), String(PATIENCE)],
];
