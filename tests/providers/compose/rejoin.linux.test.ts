/**
 * What gives a VPN's clients their network back: the script itself, run by this machine's shell on a fake Docker, whose
 * containers it joins again, makes anew, stops where something leaks, and leaves alone.
 */
import { linkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rejoinScript, rejoinUnit } from "../../../providers/compose/rejoin";
import { FakePrograms, type Ran } from "./fakePrograms";
import { but, TIGHT } from "./tightNetwork";

/**
 * A container a line: id, service, status, pid, start, health, restart policy, network, and what Docker says of a start that
 * failed. `deaf`: it doesn't answer once; `events`: what happens until its end, each line that is printed an event.
 */
const DOCKER = `all="$HERE/containers"
told() { awk -v ids=" $(echo $*) " 'index(ids, " " $1 " ")' "$all"; }
change() {
  awk -v status="$1" -v pid="$2" -v ids=" $3 " 'index(ids, " " $1 " ") { $3 = status; $4 = pid; $9 = "" } 1' "$all" > "$all.new"
  mv "$all.new" "$all"
}
did() { echo "$*" >> "$HERE/did"; }
echo "$*" >> "$HERE/asked"
case "$*" in
  "ps -aq --no-trunc --filter label=com.docker.compose.project=vpn --filter label=com.docker.compose.oneoff=False")
    [ ! -e "$HERE/deaf" ] || { rm "$HERE/deaf"; exit 1; }
    cut -d ' ' -f 1 "$all" ;;
  "ps -q --no-trunc") awk '$3 == "running" { print $1 }' "$all" ;;
  "ps -q --no-trunc "*) awk '$3 == "running" && $2 == "vpn" { print $1 }' "$all" ;;
  "inspect --format "*) echo "127.0.0.1 " ;;
  "inspect --type container --format {{.Id}} {{.State.Pid}} "*) shift 5; told "$*" | awk '{ print $1, $4, "/vpn-" $2 "-1", $8 }' ;;
  "inspect --type container --format {{.Id}} {{index "*) shift 5; told "$*" ;;
  "inspect --type container --format {{.State.Pid}} "*) echo "0 false" ;;
  "restart "*) shift; did restart "$*"; change running 11 "$*" ;;
  "stop "*) shift; did stop "$*"; change exited 0 "$*" ;;
  "compose "*) did "$*"; pwd >> "$HERE/folders" ;;
  "events "*) [ ! -e "$HERE/events" ] || . "$HERE/events" ;;
  *) echo "docker $*" >&2; exit 99 ;;
esac`;

interface Container {
  readonly id?: string;
  readonly status?: string;
  readonly pid?: number;
  readonly health?: string;
  readonly policy?: string;
  readonly network?: string;
  readonly error?: string;
}

const line = (service: string, { id, status, pid, health, policy, network, error }: Container): string =>
  [
    ...[id ?? service, service, status ?? "running", pid ?? 0, `start-of-${pid ?? 0}`, health ?? "none"],
    ...[policy ?? "unless-stopped", network ?? "container:vpn", error ?? ""],
  ].join(" ");

let fakes: FakePrograms;

const containers = (all: Readonly<Record<string, Container>>): void => {
  const lines = Object.entries(all).map(([service, one]) => `${line(service, one)}\n`);
  fakes.file("containers", lines.join(""));
};

const VPN: Container = { pid: 11, health: "healthy", network: "vpn_default" };
const FAILED: Container = { status: "exited", error: "failed" };

const text = (): string =>
  rejoinScript({
    ...{ project: "vpn", service: "vpn", bridge: "br-vpn" },
    ...{ folder: join(fakes.dir, "stacks/vpn"), proc: join(fakes.dir, "proc") },
  });

const run = (): Ran => fakes.sh([fakes.file("script", text())]);
const did = (): string[] => fakes.lines("did");
/** How often it looked whether something gets around. */
const checks = (): number => fakes.lines("asked").filter((asked) => asked.startsWith("inspect --format")).length;

beforeEach(() => {
  fakes = new FakePrograms();
  for (const [name, script] of Object.entries({ ...TIGHT, docker: DOCKER })) fakes.program(name, script);
  fakes.program("sleep", `echo "$1" >> "$HERE/slept"`);
  for (const pid of [11, 12, 13]) {
    fakes.file(`proc/${pid}/ns/net`, "");
    fakes.file(`proc/${pid}/root/etc/resolv.conf`, "nameserver 127.0.0.1\n");
  }
  // 11 is the VPN's, 12 shares its network, 13 has another one.
  rmSync(join(fakes.dir, "proc/12/ns/net"));
  linkSync(join(fakes.dir, "proc/11/ns/net"), join(fakes.dir, "proc/12/ns/net"));
  fakes.file("stacks/vpn/docker-compose.yml", "name: vpn\n");
});

afterEach(() => {
  fakes.end();
});

test("whose clients are where they belong is left alone, and looked into once", () => {
  containers({ vpn: VPN, deluge: { pid: 12 } });
  expect(run()).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(did()).toEqual([]);
  expect(checks()).toBe(1);
});

describe("its clients", () => {
  test.each<[string, Container]>([
    ["that run in a network that is gone", { pid: 13 }],
    ["that Docker was to start before it", FAILED],
    ["that were never started", { ...FAILED, status: "created" }],
  ])("%s join it again", (_, one) => {
    containers({ vpn: VPN, deluge: one, nzbget: { pid: 12 } });
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    expect(did()).toEqual(["restart deluge"]);
    expect(checks()).toBe(1);
  });

  test("are made anew where its container was", () => {
    containers({
      vpn: { ...VPN, id: "new" },
      deluge: { pid: 13, network: "container:old" },
      nzbget: { ...FAILED, network: "container:old" },
      other: { pid: 12, network: "container:new" },
    });
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    expect(did()).toEqual(["compose --project-name vpn up --detach --no-deps --force-recreate deluge nzbget"]);
    expect(fakes.lines("folders")).toEqual([join(fakes.dir, "stacks/vpn")]);
  });

  test.each<[string, Container]>([
    ["that a person stopped", { status: "exited" }],
    ["that a person stopped before it was made anew", { status: "exited", network: "container:old" }],
    ["that a person paused", { status: "paused", pid: 13 }],
    ["that Docker is to start once", { ...FAILED, policy: "no" }],
    ["that ended just now", { pid: 99 }],
    ["that share another one's network", { pid: 13, network: "container:nzbget" }],
    ["that are in a network of their own", { pid: 13, network: "vpn_default" }],
  ])("%s stay as they are", (_, one) => {
    containers({ vpn: VPN, deluge: one, nzbget: { pid: 12 } });
    expect(run()).toMatchObject({ status: 0, stderr: "" });
    expect(did()).toEqual([]);
  });

  test("stay as they are while it doesn't run, or nobody knows yet whether it will", () => {
    for (const vpn of [
      { ...VPN, status: "exited" },
      { ...VPN, health: "starting" },
    ]) {
      containers({ vpn, deluge: { pid: 13 } });
      expect(run()).toEqual({ status: 0, stdout: "", stderr: "" });
    }
    expect(did()).toEqual([]);
    expect(checks()).toBe(0);
  });

  test("have their web interfaces while its tunnel is down, of which the check would only say that", () => {
    containers({ vpn: { ...VPN, health: "unhealthy" }, deluge: { pid: 13 } });
    run();
    expect(did()).toEqual(["restart deluge"]);
    expect(checks()).toBe(0);
  });
});

describe("the check", () => {
  const leaky = (script = 'echo "$4 dev eth0"; exit'): void => {
    fakes.program("ip", but(TIGHT.ip, '"yes -o route get "*', script));
  };

  test("that finds something stops all of the stack, and says what", () => {
    leaky();
    containers({ vpn: VPN, deluge: { pid: 12 }, nzbget: { status: "exited" } });
    const { stdout, stderr } = run();
    expect(stderr).toBe("vpn-vpn-1: its way to the internet is eth0, which is no tunnel\n");
    expect(stdout).toContain("something gets around its VPN, so all of it is stopped\n");
    expect(did()).toEqual(["stop vpn deluge nzbget"]);
  });

  test("of a container that has gone meanwhile stops nothing: the next one has its own", () => {
    leaky('sed -i "s/start-of-11/later/" "$HERE/containers"; echo "$4 dev eth0"; exit');
    containers({ vpn: VPN, deluge: { pid: 12 } });
    run();
    expect(did()).toEqual([]);
  });
});

/** It is through with what was there when it began. */
const WAIT = 'until grep -q "^inspect" "$HERE/asked"; do /bin/sleep 0.05; done\n/bin/sleep 1\n';

test("listens to the VPN's container alone, from before its first look, and looks at each event", () => {
  containers({ vpn: { ...VPN, health: "starting" }, deluge: { pid: 13 } });
  fakes.file("events", `${WAIT}sed -i "s/ starting / healthy /" "$HERE/containers"\necho vpn\n`);
  expect(run()).toMatchObject({ status: 0 });
  expect(did()).toEqual(["restart deluge"]);
  expect(checks()).toBe(1);
  expect(fakes.lines("asked").find((asked) => asked.startsWith("events"))).toMatch(
    /^events --since \d+ --filter type=container --filter event=start --filter event=health_status --filter label=com.docker.compose.project=vpn --filter label=com.docker.compose.service=vpn /,
  );
});

test("checks each start once, however often its health changes", () => {
  containers({ vpn: VPN, deluge: { pid: 12 } });
  fakes.file("events", `echo vpn\necho vpn\n`);
  run();
  expect(checks()).toBe(1);
  fakes.gone("asked");
  const restarted = 'until grep -q "inspect --format" "$HERE/asked"; do /bin/sleep 0.05; done\n';
  fakes.file("events", `${restarted}/bin/sleep 1\nsed -i "s/start-of-11/later/" "$HERE/containers"\necho vpn\n`);
  run();
  expect(checks()).toBe(2);
});

test("waits for a deployment's end, and looks at what that one left", () => {
  containers({ vpn: VPN, deluge: { pid: 13 } });
  const lock = join(fakes.dir, "stacks/vpn/.lock");
  const fixed = `/bin/sleep 1; sed -i "s/ 13 start/ 12 start/" ${fakes.dir}/containers; echo deployed >> ${fakes.dir}/did`;
  const begun = `flock ${lock} sh -c 'touch ${fakes.dir}/locked; ${fixed}' & until [ -e ${fakes.dir}/locked ]; do /bin/sleep 0.05; done`;
  fakes.sh(["-c", `${begun}; sh ${fakes.file("script", text())}`]);
  expect(did()).toEqual(["deployed"]);
  expect(checks()).toBe(1);
});

test("asks again where Docker doesn't answer", () => {
  containers({ vpn: VPN, deluge: { pid: 13 } });
  fakes.file("deaf", "");
  expect(run()).toMatchObject({ status: 0 });
  expect(fakes.lines("slept")).toEqual(["30"]);
  expect(did()).toEqual(["restart deluge"]);
});

test("touches nothing before the stack is there", () => {
  containers({ vpn: VPN, deluge: { pid: 13 } });
  fakes.gone("stacks");
  expect(run()).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(did()).toEqual([]);
});

test("its unit starts with Docker, goes on whatever befalls it, and is another one for another script", () => {
  const unit = rejoinUnit("vpn", "one");
  expect(unit).toMatch(/^PartOf=docker\.service$/m);
  expect(unit).toMatch(/^WantedBy=docker\.service$/m);
  expect(unit).toMatch(/^Restart=always$/m);
  expect(unit).toMatch(/^ExecStart=\/usr\/local\/sbin\/infinity-node-rejoin-vpn$/m);
  expect(rejoinUnit("vpn", "other")).not.toBe(unit);
});
