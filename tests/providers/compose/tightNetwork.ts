/** What a guest's programs say of a VPN's network from which everything goes through the tunnel: for FakePrograms. */

/** A guest with a bridge, and inside a tunnel that everything goes through. */
const ip = `case "$INSIDE $*" in
  " -o route show default") echo "default via 192.168.86.1 dev eth0" ;;
  " -o link show") echo "9: veth9@if8: <UP> mtu 1500 qdisc noqueue master br-vpn state UP" ;;
  "yes -o link show lo") echo "1: lo: <LOOPBACK,UP> mtu 65536" ;;
  "yes -o route get "*) echo "$4 dev tun0 src 10.9.0.2" ;;
  "yes -o -d link show dev tun0") echo "2: tun0: <UP> mtu 1420 wireguard addrgenmode" ;;
  "yes -o -d link show dev eth0") echo "8: eth0@if9: <UP> mtu 1500 veth addrgenmode" ;;
  "yes -o link show up") echo "1: lo: <UP>"; echo "2: tun0: <UP>"; echo "8: eth0@if9: <UP>" ;;
  *) echo "ip $*" >&2; exit 99 ;;
esac`;

const nsenter = `[ -e "\${1#--net=}" ] || exit 1\nshift\nINSIDE=yes exec "$@"`;
/** Nobody answers but the guest itself. */
const ping = `case "$*" in *" 127.0.0.1") exit 0 ;; *) exit 1 ;; esac`;
const nft = `[ "$1" = list ]`;

export const TIGHT = { ip, nsenter, ping, nft };

/** A program that behaves otherwise for some arguments. */
export const but = (script: string, pattern: string, action: string): string =>
  `case "$INSIDE $*" in ${pattern}) ${action} ;; esac\n${script}`;
