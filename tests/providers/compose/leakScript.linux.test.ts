/**
 * The leak check's own script, run by this machine's shell on fakes of the guest's programs: it finds what gets around, and
 * whoever can't look, of whatever reason, has found a leak.
 */
import { leakCheck } from "../../../providers/compose/leaks";
import { FakePrograms, type Ran } from "./fakePrograms";
import { but, TIGHT } from "./tightNetwork";

const OWNER = "a".repeat(64);
const CLIENT = "b".repeat(64);

/** `docker ps` of the owner alone, and of all; `docker inspect` of each by its line. */
const DOCKER = `case "$*" in
  "ps -q --no-trunc --filter label=com.docker.compose.project=vpn --filter label=com.docker.compose.service=vpn --filter label=com.docker.compose.oneoff=False") echo ${OWNER} ;;
  "ps -q --no-trunc") echo ${OWNER}; echo ${CLIENT} ;;
  "inspect --format {{range .HostConfig.Dns}}{{.}} {{end}} ${OWNER}") echo "127.0.0.1 " ;;
  "inspect --type container --format {{.State.Pid}} {{.State.Running}} "*)
    echo "$(grep "^$6 " "$HERE/containers" | cut -d ' ' -f 2) $(cat "$HERE/running")" ;;
  "inspect --type container --format {{.Id}} "*) shift 5; for id; do grep "^$id " "$HERE/containers" || code=1; done; exit $code ;;
  *) echo "docker $*" >&2; exit 99 ;;
esac`;

/** Who waits sees no second go by. */
const SLEEP = `echo "$1" >> "$HERE/slept"`;

let fakes: FakePrograms;

const OWNERS = `${OWNER} 11 /vpn-vpn-1 vpn_default`;
const CLIENTS = `${CLIENT} 12 /vpn-deluge-1 container:${OWNER}`;
const containers = (...lines: readonly string[]): void => {
  fakes.file("containers", lines.map((line) => `${line}\n`).join(""));
};

function processOf(pid: number, resolv = "nameserver 127.0.0.1\n"): void {
  fakes.file(`proc/${pid}/ns/net`, "");
  fakes.file(`proc/${pid}/root/etc/resolv.conf`, resolv);
}

const checked = (patience = 2): Ran => {
  const [, ...args] = leakCheck("vpn", { service: "vpn", bridge: "br-vpn" });
  return fakes.sh([...args.slice(0, -1), String(patience), `${fakes.dir}/proc`]);
};

beforeEach(() => {
  fakes = new FakePrograms();
  for (const [name, script] of Object.entries({ ...TIGHT, docker: DOCKER })) fakes.program(name, script);
  fakes.program("sleep", SLEEP);
  containers(OWNERS, CLIENTS);
  fakes.file("running", "true");
  for (const pid of [11, 12]) processOf(pid);
});

afterEach(() => {
  fakes.end();
});

test("that finds nothing says nothing, and waits for nothing", () => {
  expect(checked()).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(fakes.lines("slept")).toEqual([]);
});

test.each<[string, () => void, string]>([
  [
    "a way around",
    () => {
      fakes.program("ip", but(TIGHT.ip, '"yes -o route get "*', 'echo "$4 dev eth0 src 172.18.0.2"; exit'));
    },
    "vpn-vpn-1: its way to the internet is eth0, which is no tunnel",
  ],
  [
    "somebody who answers around it",
    () => {
      fakes.program("ping", but(TIGHT.ping, '*"-I eth0 9.9.9.9"', "exit 0"));
    },
    "vpn-vpn-1: 9.9.9.9 answered what was sent around the tunnel, by eth0",
  ],
  [
    "an interface on another bridge",
    () => {
      fakes.program("ip", but(TIGHT.ip, '" -o link show"', 'echo "9: veth9@if8: <UP> master br-other state UP"; exit'));
    },
    "vpn-vpn-1: its interface eth0 is not on br-vpn, so the guard doesn't hold it",
  ],
  [
    "a name server that is asked around it",
    () => {
      processOf(12, "nameserver 192.168.86.1\n");
      fakes.program("ip", but(TIGHT.ip, '"yes -o route get 192.168.86.1"', 'echo "$4 dev eth0"; exit'));
    },
    "vpn-deluge-1: its name server 192.168.86.1 is asked around the tunnel, by eth0",
  ],
  [
    "no guard",
    () => {
      fakes.program("nft", "exit 1");
    },
    "the guard's rules are not loaded on the guest: table infinity_vpn",
  ],
])("that finds %s says so", (_, change, message) => {
  change();
  const { status, stderr } = checked();
  expect(stderr.split("\n")).toContain(message);
  expect(status).toBe(1);
});

const NOT_LOOKED = "vpn: nobody looked into its network";
const NO_LOOK = "vpn-vpn-1: its network can't be looked into";

test.each<[string, () => void, string]>([
  [
    "nsenter fails",
    () => {
      fakes.program("nsenter", "exit 1");
    },
    NO_LOOK,
  ],
  [
    "ip fails inside",
    () => {
      fakes.program("ip", but(TIGHT.ip, "yes*", "exit 255"));
    },
    NO_LOOK,
  ],
  [
    "ip says nothing inside",
    () => {
      fakes.program("ip", but(TIGHT.ip, "yes*", "exit 0"));
    },
    NO_LOOK,
  ],
  [
    "its process went away",
    () => {
      fakes.gone("proc/11/ns");
      fakes.gone("proc/12/ns");
    },
    NO_LOOK,
  ],
  [
    "its network goes away while it is looked into",
    () => {
      fakes.program("ping", but(TIGHT.ping, "*eth0*", 'rm -f "$HERE/proc/11/ns/net"; exit 1'));
    },
    "vpn-vpn-1: its network went away while it was looked into",
  ],
  [
    "docker inspect says nothing",
    () => {
      fakes.program("docker", but(DOCKER, '*"inspect --type"*', "exit 0"));
    },
    NOT_LOOKED,
  ],
  [
    "docker inspect fails",
    () => {
      fakes.program("docker", but(DOCKER, '*"inspect --type"*', "exit 1"));
    },
    "Docker doesn't say which containers are in its network",
  ],
  [
    "docker ps fails",
    () => {
      fakes.program("docker", but(DOCKER, '" ps"*', "exit 1"));
    },
    "vpn doesn't run: nothing is known of its network",
  ],
  [
    "nobody has the tunnel's container among all",
    () => {
      containers(CLIENTS);
    },
    "Docker doesn't say which containers are in its network",
  ],
  [
    "its container has no process",
    () => {
      containers(OWNERS.replace(" 11 ", " 0 "), CLIENTS);
    },
    "vpn-vpn-1: its network can't be looked into",
  ],
  [
    "a client's name servers can't be read",
    () => {
      fakes.gone("proc/12/root");
    },
    "vpn-deluge-1: nothing is known of its name servers",
  ],
  [
    "there is no ping",
    () => {
      fakes.program("ping", "exit 127");
    },
    "ping doesn't work on the guest: nothing can be sent to see whether it gets out",
  ],
])("is a leak where %s", (_, change, message) => {
  change();
  const { status, stderr } = checked();
  expect(stderr.split("\n")).toContain(message);
  expect(status).toBe(1);
});

test("has nothing to find of a client that Docker starts again and again: without a process it sends nothing", () => {
  containers(OWNERS, CLIENTS.replace(" 12 ", " 0 "));
  expect(checked()).toEqual({ status: 0, stdout: "", stderr: "" });
  fakes.program("ip", but(TIGHT.ip, '"yes -o route get "*', 'echo "$4 dev eth0"; exit'));
  expect(checked()).toMatchObject({ status: 1 });
});

test("has nothing to find of a client that ended meanwhile, and all of the VPN's container", () => {
  fakes.file("running", "false");
  fakes.gone("proc/12");
  expect(checked()).toEqual({ status: 0, stdout: "", stderr: "" });
  fakes.gone("proc/11");
  expect(checked()).toMatchObject({ status: 1, stderr: "vpn: nobody looked into its network\n" });
});

test("waits for a container that is just starting, and for a tunnel that is just made anew, and no longer", () => {
  containers(OWNERS.replace(" 11 ", " 0 "), CLIENTS);
  fakes.program("sleep", `${SLEEP}\nsed -i 's/ 0 / 11 /' "$HERE/containers"`);
  expect(checked()).toMatchObject({ status: 0 });
  expect(fakes.lines("slept")).toEqual(["1"]);
  fakes.gone("slept");
  fakes.program("ip", but(TIGHT.ip, '"yes -o route get "*', '[ -e "$HERE/slept" ] || { echo "$4 dev eth0"; exit; }'));
  expect(checked()).toMatchObject({ status: 0 });
  expect(fakes.lines("slept")).toEqual(["1"]);
  fakes.program("ip", but(TIGHT.ip, '"yes -o route get "*', 'echo "$4 dev eth0"; exit'));
  fakes.gone("slept");
  expect(checked(3)).toMatchObject({ status: 1 });
  expect(fakes.lines("slept")).toEqual(["1", "1", "1"]);
});
