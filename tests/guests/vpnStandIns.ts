/**
 * What stands in for a VPN's images on a real guest, made of the guest's own programs: a container that behaves like gluetun
 * outwardly (tunnel, policy routing, health check), and clients that answer on their ports. It has no firewall of its own:
 * what doesn't leave is held by the guest. The version `-no-tunnel`
 * looks healthy and sends everything around. Pure but for its texts being run.
 */

export interface Far {
  /** Where the tunnel ends, on the LAN. */
  readonly endpoint: string;
  readonly publicKey: string;
}

/** By its path: busybox's shell has an `ip` of its own, which it takes first, and which knows no such rules. */
const TUNNEL = `/bin/ip link add tun0 type wireguard
printf '%s\\n' "$WIREGUARD_PRIVATE_KEY" > /run/key
wg set tun0 fwmark 51820 private-key /run/key peer "$SERVER" endpoint "$ENDPOINT:51820" allowed-ips 0.0.0.0/0 persistent-keepalive 5
/bin/ip address add 10.9.0.2/32 dev tun0
/bin/ip link set tun0 mtu 1420 up
/bin/ip route add default dev tun0 table 51820
/bin/ip rule add not fwmark 51820 lookup 51820 priority 101
/bin/ip rule add lookup main suppress_prefixlength 0 priority 100`;

/** Who came in from outside, and who is a neighbour, is answered the way the packets came. */
const ROUTES = `gateway=$(/bin/ip route show default | cut -d ' ' -f 3)
own=$(/bin/ip -4 -o address show dev eth0 | tr -s ' ' | cut -d ' ' -f 4 | cut -d / -f 1)
/bin/ip route add default via "$gateway" dev eth0 table 200
/bin/ip rule add from "$own" lookup 200 priority 99
for net in $(printf '%s' "$FIREWALL_OUTBOUND_SUBNETS" | tr , ' '); do /bin/ip rule add to "$net" lookup 200 priority 98; done`;

const ENTRYPOINT = `#!/bin/sh
if [ "$1" = healthcheck ]; then
  [ "$STAND_IN" = tunnel ] || exit 0
  last=$(wg show tun0 latest-handshakes | cut -f 2)
  [ "$(( $(date +%s) - last ))" -lt 180 ]
  exit
fi
trap 'exit 0' TERM
if [ "$STAND_IN" = tunnel ]; then
${ROUTES}
${TUNNEL}
else
/bin/ip link add tun0 type wireguard
/bin/ip link set tun0 up
fi
while :; do sleep 60 & wait $!; done
`;

/** The first process of a container is ended by a signal only where it says how: Docker would wait for ten seconds. */
const WEB = `#!/bin/sh
trap 'exit 0' TERM
busybox httpd -f -p "$1" -h /www &
wait $!
`;

/** As far as the health checks ask, without the twenty libraries of the real one. */
const CURL = `#!/bin/sh
for url; do :; done
place=\${url#http://} place=\${place%%/*}
case $place in *:*) port=\${place#*:} ;; *) port=80 ;; esac
answer=$(printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 20 "\${place%%:*}" "$port") || exit 7
case $answer in *' 200 '*) ;; *) exit 22 ;; esac
case " $* " in *' -o '*) ;; *) printf '%s\\n' "$answer" | tail -n 1 ;; esac
`;

const APPLETS = ["sh", "cat", "grep", "sleep", "date", "cut", "tr", "tail", "nc", "httpd"];
const PROGRAMS = ["wg", "ip"];

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Another image of the same files: no more than its configuration. */
const made = (image: string, entrypoint: readonly string[], environment: Readonly<Record<string, string>>): string => {
  const changes = [
    `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
    ...Object.entries(environment).map(([name, value]) => `ENV ${name}=${value}`),
  ];
  return `docker commit ${changes.map((change) => `--change ${quoted(change)}`).join(" ")} "$files" ${image}`;
};

/** @param images of the stack, by service. @returns a script for the guest, as root, that Docker has them after. */
export function standInScript(images: Readonly<Record<"vpn" | "deluge" | "nzbget", string>>, far: Far): string {
  const server = { SERVER: far.publicKey, ENDPOINT: far.endpoint };
  const web = (port: number): string[] => ["/web", String(port)];
  return `set -e
cd "$(mktemp -d)"
mkdir -p bin dev etc proc run sys tmp www
echo "a web interface" > www/index.html
cp "$(command -v busybox)" bin/busybox
for name in ${APPLETS.join(" ")}; do ln -s busybox "bin/$name"; done
for name in ${PROGRAMS.join(" ")}; do
  path=$(command -v "$name")
  cp -L "$path" bin/
  for library in $(ldd "$path" | grep -o '/[^ ]*'); do mkdir -p ".$(dirname "$library")"; cp -L "$library" ".$library"; done
done
cat > gluetun-entrypoint <<'ENTRYPOINT'
${ENTRYPOINT}ENTRYPOINT
cat > bin/curl <<'CURL'
${CURL}CURL
cat > web <<'WEB'
${WEB}WEB
chmod 755 gluetun-entrypoint web bin/curl
files=$(docker create "$(tar -c . | docker import -)" sh)
${made(images.vpn, ["/gluetun-entrypoint"], { STAND_IN: "tunnel", ...server })}
${made(`${images.vpn}-next`, ["/gluetun-entrypoint"], { STAND_IN: "tunnel", ...server })}
${made(`${images.vpn}-no-tunnel`, ["/gluetun-entrypoint"], { STAND_IN: "no-tunnel" })}
${made(images.deluge, web(8112), {})}
${made(images.nzbget, web(6789), {})}
docker rm "$files"
`;
}

/** The far end, as root on the other guest: a tunnel, a web server behind it, and an address that is a neighbour's. */
export const farEndScript = (
  keys: { readonly private: string; readonly client: string },
  neighbour: string,
): string => `set -e
ip address add ${neighbour}/24 dev eth0
ip address add 198.51.100.7/32 dev lo
printf '%s\\n' ${quoted(keys.private)} > /run/wireguard.key
ip link add wg0 type wireguard
wg set wg0 listen-port 51820 private-key /run/wireguard.key peer ${quoted(keys.client)} allowed-ips 10.9.0.2/32
ip address add 10.9.0.1/24 dev wg0
ip link set wg0 up
mkdir -p /run/web
echo "the far end" > /run/web/index.html
systemd-run --quiet --unit=far-web python3 -m http.server 80 --directory /run/web
`;

/** A neighbour's port that fetches any page for anybody. */
export const FLARESOLVERR = 8191;

/**
 * Python, in the network that is tried: everything a client might send around the tunnel, by the way that the routes say and
 * bound to the other interface. Prints what was answered.
 */
export const attemptsScript = (places: {
  readonly router: string;
  readonly neighbour: string;
  readonly endpoint: string;
}): string => `
import socket, struct, threading
MARK = b"around-the-tunnel"
NAME = b"".join(bytes([len(part)]) + part for part in (MARK, b"example")) + b"\\0"
QUERY = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + NAME + struct.pack(">2H", 1, 1)
FAR, ROUTER, NEAR, END = "198.51.100.7", "${places.router}", "${places.neighbour}", "${places.endpoint}"
UDP = [(FAR, 53, QUERY), (ROUTER, 53, QUERY), (NEAR, 53, QUERY), ("127.0.0.11", 53, QUERY), ("127.0.0.53", 53, QUERY),
       (FAR, 123, MARK), (FAR, 6881, MARK), (FAR, 51820, MARK), (END, 51820, MARK), (END, 6881, MARK), ("192.168.86.255", 6771, MARK)]
TCP = [(FAR, 443), (FAR, 6881), (ROUTER, 53), (NEAR, 853), (NEAR, ${FLARESOLVERR}), (END, 22)]
def attempt(kind, family, device, act):
    with socket.socket(family, kind) as one:
        one.settimeout(1)
        try:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            if device: one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
            return act(one)
        except OSError:
            return False
def asked(address, payload):
    def act(one):
        one.sendto(payload, address)
        answer = one.recv(2048)
        # A name server that only says that it can't is none that was asked around.
        return not (address[1] == 53 and answer[3] & 15)
    return act
def connected(address):
    def act(one):
        one.connect(address)
        return True
    return act
tries = []
for device in (None, b"eth0"):
    for to, port, payload in UDP:
        tries.append((("udp", to, port, device), socket.SOCK_DGRAM, socket.AF_INET, device, asked((to, port), payload)))
    for address in TCP:
        tries.append((("tcp", *address, device), socket.SOCK_STREAM, socket.AF_INET, device, connected(address)))
    for port in (53, 6881):
        tries.append((("udp6", port, device), socket.SOCK_DGRAM, socket.AF_INET6, device, asked(("2001:db8::7", port), MARK)))
answered = []
def judge(name, *what):
    if attempt(*what): answered.append(name)
# At once: each waits for an answer that is not to come.
threads = [threading.Thread(target=judge, args=one) for one in tries]
for thread in threads: thread.start()
for thread in threads: thread.join()
for name in sorted(answered, key=str): print(*name)
`;
