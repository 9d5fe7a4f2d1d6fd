/** What brings containers back with the NAS: its script is run by this machine's shell, with a Docker and a NAS that are none. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { systemdUnitKind } from "../../../providers/guest/kinds/systemdUnit";
import { FORMAT, RETURN_SCRIPT, RETURN_UNIT, returnScript, returnUnit } from "../../../providers/compose/shareReturn";

// Every Docker that it asks is a program of its own, on a machine that may be busy.
jest.setTimeout(60_000);

interface Container {
  readonly project: string;
  status: string;
  /** Of its last start, where that failed. */
  error: string;
  readonly restart: string;
  readonly network: string;
  /** Paths of the guest that it mounts. */
  readonly mounts: readonly string[];
  /** It starts in no case. */
  readonly broken?: boolean;
}
type Containers = Record<string, Container>;

/** `ps`, `inspect` as the script asks for it, and `start`; as Docker answers them. */
const DOCKER = `#!${process.execPath}
const { readFileSync, writeFileSync, appendFileSync } = require("node:fs");
const [verb, ...args] = process.argv.slice(2);
const file = ${JSON.stringify("STATE")};
const all = JSON.parse(readFileSync(file, "utf8"));
const fail = (text) => { console.error(text); process.exitCode = 1; };
if (verb === "ps") {
  const label = args.find((arg) => arg.startsWith("label=com.docker.compose.project=")).split("=").at(-1);
  for (const [id, { project }] of Object.entries(all)) if (project === label) console.log(id);
} else if (verb === "inspect" && args[3] === ${JSON.stringify(FORMAT)}) {
  for (const id of args.slice(4)) {
    const { status, error, restart, network, mounts } = all[id];
    const failed = error !== "" && ["exited", "created"].includes(status) && !["", "no"].includes(restart);
    console.log(["container", id, failed ? "failed" : "-", network].join(" "));
    for (const mount of mounts) console.log("mounts " + mount);
  }
} else if (verb === "start") {
  for (const id of args) {
    appendFileSync(file + ".started", id + " ");
    const owner = all[id].network.split(":")[1];
    if (all[id].broken) fail("no such program");
    else if (owner !== undefined && all[owner].status !== "running") fail("cannot join network of a non running container");
    else Object.assign(all[id], { status: "running", error: "" });
  }
  writeFileSync(file, JSON.stringify(all));
} else fail("no such command: " + process.argv.slice(2).join(" "));
`;

let folder: string;
let share: string;
const at = (...path: string[]): string => join(folder, ...path);

const program = (name: string, text: string): void => {
  writeFileSync(at("bin", name), text, { mode: 0o755 });
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "infinity-return-"));
  share = at("the NAS's $share");
  for (const name of ["bin", "stacks/emby", "stacks/vpn", "stacks/site"]) mkdirSync(at(name), { recursive: true });
  program("docker", DOCKER.replace("STATE", at("state.json")));
  nas("away");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const nas = (state: "away" | "back" | "covered"): void => {
  const answer = { away: "exit 1", back: "echo nfs", covered: "echo ext2/ext3" }[state];
  program("stat", `#!/bin/sh\n[ "$*" = "-f -c %T -- ${share.replace("$", "\\$")}/." ] || exit 64\n${answer}\n`);
};

const STOPPED = { status: "exited", error: "", restart: "unless-stopped", network: "bridge", mounts: [] };
const RUNS = { ...STOPPED, status: "running" };
const FAILED = { ...STOPPED, error: "error mounting: no such device" };
const JOIN = "cannot join network of a non running container";

const set = (containers: Containers): void => {
  writeFileSync(at("state.json"), JSON.stringify(containers));
  rmSync(at("state.json.started"), { force: true });
};

function run(projects: readonly string[] = ["emby", "vpn"]) {
  const path = [at("bin"), process.env.PATH ?? ""].join(delimiter);
  const text = returnScript({ share, projects, folder: at("stacks") });
  writeFileSync(at("script"), text);
  const { status, stdout, stderr } = spawnSync("sh", [at("script")], {
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  return { code: status, said: `${stdout}${stderr}`, started: started() };
}

function started(): string[] {
  try {
    return readFileSync(at("state.json.started"), "utf8").trim().split(" ");
  } catch {
    return [];
  }
}

const emby = () => ({ ...FAILED, project: "emby", mounts: [`${share}/media`, "/srv/emby"] });

test("while the NAS is away nothing is started, and it is to be run again; once it is back, what failed is", () => {
  set({ e1: emby() });
  expect(run()).toMatchObject({ code: 1, started: [], said: expect.stringContaining("wait for it: emby") as string });
  nas("covered");
  expect(run()).toMatchObject({ code: 1, started: [] });
  nas("back");
  expect(run()).toMatchObject({ code: 0, started: ["e1"] });
  expect(run()).toMatchObject({ code: 0, started: ["e1"], said: "" });
});

test("only what Docker was to start, could not, and needs the share", () => {
  nas("back");
  set({
    failed: emby(),
    created: { ...emby(), status: "created" },
    whole: { ...emby(), mounts: [share] },
    person: { ...emby(), error: "" },
    running: { ...RUNS, project: "emby", mounts: [`${share}/media`] },
    once: { ...emby(), restart: "no" },
    other: { ...emby(), mounts: ["/srv/emby"] },
    alike: { ...emby(), mounts: [`${share}-2/media`] },
    stranger: { ...emby(), project: "blog" },
    unneeding: { ...emby(), project: "site" },
  });
  expect(run()).toMatchObject({ code: 0, started: ["failed", "created", "whole"] });
});

test("nothing failed: the NAS isn't asked for, and all is well", () => {
  set({ e1: { ...RUNS, project: "emby", mounts: [share] } });
  expect(run()).toEqual({ code: 0, started: [], said: "" });
  set({});
  expect(run()).toEqual({ code: 0, started: [], said: "" });
});

test("who lives in another one's network needs what that one needs, and comes after it", () => {
  nas("back");
  const joined = { ...FAILED, project: "vpn", error: JOIN };
  set({
    a: { ...joined, network: "container:d", mounts: [`${share}/downloads`] },
    b: { ...joined, network: "container:d" },
    c: { ...joined, network: "container:tunnel" },
    d: { ...FAILED, project: "vpn", mounts: [`${share}/downloads`] },
    e: { ...joined, network: "container:tunnel", mounts: [`${share}/downloads`] },
    tunnel: { ...RUNS, project: "vpn" },
  });
  expect(run()).toMatchObject({ code: 0, started: ["d", "a", "b", "e"] });
});

test("one that doesn't start holds up no other, and is tried again", () => {
  nas("back");
  set({
    bad: { ...emby(), broken: true },
    good: emby(),
    tunnel: { ...FAILED, project: "vpn", mounts: [share] },
  });
  expect(run()).toMatchObject({ code: 1, started: ["bad", "good", "tunnel"] });
  expect(run()).toMatchObject({ code: 1, started: ["bad", "good", "tunnel", "bad"] });
});

test("a stack that is being deployed is left to its deployment; the others are not", async () => {
  nas("back");
  set({ e1: emby(), v1: { ...FAILED, project: "vpn", mounts: [share] } });
  const deployment = spawn("flock", [at("stacks/emby/.lock"), "sh", "-c", "echo held; read -r _"]);
  await once(deployment.stdout, "data");
  expect(run()).toMatchObject({
    code: 1,
    started: ["v1"],
    said: expect.stringContaining("emby: a deployment") as string,
  });
  deployment.stdin.end();
  await once(deployment, "exit");
  expect(run()).toMatchObject({ code: 0, started: ["v1", "e1"] });
});

test("a project of that name that lies elsewhere is not the house's; without Docker nothing is known, and it is run again", () => {
  nas("back");
  set({ x: { ...emby(), project: "elsewhere" } });
  expect(run(["elsewhere"])).toEqual({ code: 0, started: [], said: "" });
  program("docker", "#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n");
  expect(run()).toMatchObject({ code: 1, started: [] });
});

test("its unit runs the script whenever Docker has started, and holds up neither a boot nor an up", () => {
  const inputs = { host: {} as never, name: RETURN_UNIT, content: returnUnit() };
  expect(systemdUnitKind.problems?.(inputs, {})).toEqual([]);
  expect(systemdUnitKind.canonical?.(inputs)).toMatchObject({ enabled: true, active: true });
  expect(inputs.content).toContain(`ExecStart=${RETURN_SCRIPT}\n`);
  expect(inputs.content).not.toContain("Type=oneshot");
});
