/**
 * What is in a stand-in: a busybox, a program that answers on the ports it is told, and the programs that the stacks'
 * health checks call, which ask it. Pure.
 */
import { tar, type Entry } from "./tar";

/** Ports of programs that ask for the health of one service and are not told where it is. */
export const PROBES: Readonly<Record<string, number>> = {
  pg_isready: 5432,
  "valkey-cli": 6379,
  "immich-healthcheck": 2283,
  "/healthcheck.sh": 80,
};

/** Exists while a stand-in is well that answers on no port. */
const HEALTHY = "/tmp/healthy";

/**
 * Runs whatever command a stack gives its container. `sick` and `ends` are what the image's name asks for; see standIn.ts.
 * A service that is sick listens nowhere, so that every way of asking finds it so.
 */
const RUN = `#!/bin/sh
case $STAND_IN_IS in
ends) echo "$STAND_IN_FOR: ends at once, as its version says" >&2; exit 1 ;;
sick) echo "$STAND_IN_FOR: runs and answers nobody, as its version says" >&2 ;;
*)
  for port in $STAND_IN_PORTS; do nc -ll -p "$port" -e /stand-in/answer & done
  : > ${HEALTHY}
  echo "$STAND_IN_FOR: answers on port \${STAND_IN_PORTS:-none}"
  ;;
esac
trap 'exit 0' TERM INT
sleep infinity &
wait
`;

/** One connection. Whoever asks whether somebody listens, and says nothing, is answered as well. */
const ANSWER = `#!/bin/sh
end=$(printf '\\r')
while IFS= read -r -t 5 line && [ "$line" != "$end" ] && [ -n "$line" ]; do :; done
text="stand-in for $STAND_IN_FOR"
printf 'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: %d\\r\\nConnection: close\\r\\n\\r\\n%s\\n' $((\${#text} + 1)) "$text"
`;

/**
 * curl, wget and Python, as far as a health check goes: gets the first address among the words, HTTPS without its S. Not
 * by busybox's own wget: linked statically, it dies of looking up a name, and be it a number.
 */
const ASK = `#!/bin/sh
url=$(printf '%s\\n' "$*" | grep -oE "https?://[0-9.]+(:[0-9]+)?[^' \\"]*" | head -n 1)
[ -n "$url" ] || { echo "\${0##*/}: the stand-in knows health checks only: $*" >&2; exit 2; }
where=\${url#*://}
host=\${where%%/*}
path=\${where#"$host"}
case $host in *:*) port=\${host#*:} ;; *) port=80 ;; esac
answer=$(printf 'GET /%s HTTP/1.0\\r\\n\\r\\n' "\${path#/}" | nc -w 5 "\${host%:*}" "$port") || exit 7
case $answer in "HTTP/1."?" 200"*) ;; *) echo "$url: \${answer%%OK*}" >&2; exit 22 ;; esac
case " $* " in *" /dev/null "*) ;; *) printf '%s\\n' "$answer" | tail -n 1 ;; esac
`;

/** Whether somebody listens on a port of this container. */
const KNOCK = `#!/bin/sh
exec nc -w 5 127.0.0.1 "$1" </dev/null >/dev/null
`;

/** The only words of bash's own that a health check uses. */
const BASH = `#!/bin/sh
port=$(printf '%s\\n' "$*" | sed -n 's|.*/dev/tcp/127\\.0\\.0\\.1/\\([0-9]*\\).*|\\1|p')
[ -z "$port" ] || exec /stand-in/knock "$port"
exec sh "$@"
`;

const WATCHTOWER = `#!/bin/sh
exec test -f ${HEALTHY}
`;

const folder = (path: string, mode = 0o755): Entry => ({ kind: "folder", path, mode });
const program = (path: string, content: Buffer | string): Entry => ({ kind: "file", path, mode: 0o755, content });
const link = (path: string, to: string): Entry => ({ kind: "link", path, mode: 0o777, to });

const APPLETS = [
  ...[
    "sh",
    "cat",
    "cut",
    "date",
    "echo",
    "env",
    "false",
    "grep",
    "head",
    "id",
    "ip",
    "kill",
    "ls",
    "mkdir",
    "nc",
    "printf",
  ],
  ...["ps", "rm", "sed", "sleep", "sort", "stat", "tail", "test", "touch", "tr", "true", "wc"],
];

const probe = ([name, port]: [string, number]): Entry =>
  program(name.startsWith("/") ? name.slice(1) : `usr/bin/${name}`, `#!/bin/sh\nexec /stand-in/knock ${port}\n`);

/** @param busybox the program, statically linked */
export function baseLayer(busybox: Buffer): Buffer {
  return tar([
    ...["bin", "dev", "etc", "proc", "run", "stand-in", "sys", "usr", "usr/bin"].map((path) => folder(path)),
    folder("tmp", 0o1777),
    { kind: "file", path: "etc/passwd", mode: 0o644, content: "root:x:0:0:root:/:/bin/sh\n" },
    { kind: "file", path: "etc/group", mode: 0o644, content: "root:x:0:\n" },
    program("bin/busybox", busybox),
    ...APPLETS.map((name) => link(`bin/${name}`, "busybox")),
    program("bin/bash", BASH),
    program("stand-in/run", RUN),
    program("stand-in/answer", ANSWER),
    program("stand-in/ask", ASK),
    program("stand-in/knock", KNOCK),
    ...["curl", "wget", "python", "python3"].map((name) => link(`usr/bin/${name}`, "/stand-in/ask")),
    ...Object.entries(PROBES).map(probe),
    program("watchtower", WATCHTOWER),
  ]);
}
