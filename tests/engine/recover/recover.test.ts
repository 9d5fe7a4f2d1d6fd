/** What is done after a killed run, by what its state says; the engine is a script of its answers. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lockFolder, stateFile, type StackPlace } from "../../../engine/recover/fileBackend";
import { NotTakenUp, type Became, type Known } from "../../../engine/recover/creations";
import { doubtfulText, recover } from "../../../engine/recover/recover";
import type { RunResult } from "../../../engine/run";

const URN = "urn:pulumi:home::infinity-node";
const operation = (type: string, resourceType: string, name: string, custom = true) => ({
  type,
  resource: {
    urn: `${URN}::${resourceType}::${name}`,
    type: resourceType,
    custom,
    id: "100",
    inputs: { memory: "1GiB" },
  },
});
const VM = "pulumi-nodejs:dynamic/proxmox:Vm";
const DROPLET = "digitalocean:index/droplet:Droplet";

let place: StackPlace;
let said: string[];
let asked: string[][];
let imported: string | undefined;
let knew: Known[];

beforeEach(() => {
  place = { backend: mkdtempSync(join(tmpdir(), "infinity-recover-")), project: "infinity-node", stack: "home" };
  [said, asked, imported, knew] = [[], [], undefined, []];
});
afterEach(() => {
  rmSync(place.backend, { recursive: true, force: true });
});

const latest = (...operations: object[]): object => ({
  manifest: { version: "v3.259.0", time: "2026-11-23T06:25:00Z" },
  secrets_providers: { type: "passphrase", state: { salt: "v1:salt" } },
  resources: [{ urn: `${URN}::pulumi:pulumi:Stack::s`, outputs: { secret: { ciphertext: "v1:abc" } } }],
  pending_operations: operations,
});

function left(...operations: object[]): void {
  mkdirSync(dirname(stateFile(place)), { recursive: true });
  writeFileSync(
    stateFile(place),
    JSON.stringify({ version: 3, checkpoint: { stack: "home", latest: latest(...operations) } }),
  );
  mkdirSync(lockFolder(place), { recursive: true });
  const lock = { pid: 2 ** 22 + 1, username: "you", hostname: hostname(), timestamp: "2026-11-23T06:24:38.9Z" };
  writeFileSync(join(lockFolder(place), "1.json"), JSON.stringify(lock));
}

/** @param exported what `stack export` answers. @param failing the subcommand that fails. */
const recovered = (
  exported: object = {},
  more: { repeats?: boolean; failing?: string; became?: Readonly<Record<string, Became>> } = {},
) =>
  recover({
    place,
    say: (line) => void said.push(line),
    repeats: more.repeats,
    resolve:
      more.became &&
      (({ resource }, known) => {
        knew.push(known);
        return Promise.resolve(
          more.became?.[resource.urn.split("::").at(-1) ?? ""] ?? { kind: "unknown", candidates: [] },
        );
      }),
    ask: (args): Promise<RunResult> => {
      asked.push([...args]);
      if (args.slice(0, 2).includes(more.failing ?? ""))
        return Promise.resolve({ code: 1, stdout: "", stderr: "error: wrong passphrase\n" });
      if (args[1] === "import") imported = readFileSync(args[3] ?? "", "utf8");
      return Promise.resolve({ code: 0, stdout: JSON.stringify({ version: 3, deployment: exported }), stderr: "" });
    },
  });

test("the lock goes, and what our own providers had begun is cleared through the engine, the rest as it was", async () => {
  const begun = [
    operation("creating", VM, "emby"),
    operation("creating", "infinity:house:VirtualMachine", "emby", false),
    operation("updating", DROPLET, "tunnel"),
  ];
  left(...begun);
  expect(await recovered(latest(...begun))).toEqual({ held: [], doubtful: [] });
  expect(asked.map((args) => args.slice(0, 2))).toEqual([
    ["stack", "export"],
    ["stack", "import"],
  ]);
  expect(JSON.parse(imported ?? "")).toEqual({ version: 3, deployment: latest() });
  expect(existsSync(asked[1]?.[3] ?? "")).toBe(false);
  expect(said.join("\n")).toMatch(/run of 2026-11-23 06:24 was killed.*released\n.*Vm emby \(creating\)/);
});

test("what was being updated by this project's own providers is half done from then on, and nothing else", async () => {
  const [cut, another] = [operation("updating", VM, "emby"), operation("updating", DROPLET, "tunnel")];
  left(cut, another);
  const resources = [cut.resource, another.resource, operation("updating", VM, "other").resource];
  await recovered({ ...latest(cut, another), resources });
  const { deployment } = JSON.parse(imported ?? "") as { deployment: { resources: object[] } };
  expect(deployment.resources).toEqual([
    { ...cut.resource, initErrors: ["its update was cut off: the run was killed"] },
    ...resources.slice(1),
  ]);
});

test("a creation in somebody else's cloud is doubtful: nothing is cleared, and the text says how to go on", async () => {
  left(operation("creating", VM, "emby"), operation("creating", DROPLET, "tunnel"));
  const { doubtful } = await recovered();
  expect(asked).toEqual([]);
  const text = doubtfulText(place, doubtful);
  expect(text).toContain(`--import-pending-creates '${URN}::${DROPLET}::tunnel' --import-pending-creates ID`);
  expect(text).toContain("--clear-pending-creates");
  expect(text).not.toContain("emby");
});

test("what was made is taken up by its id, what was not is cleared with the rest, and both are said", async () => {
  const begun = [operation("creating", DROPLET, "tunnel"), operation("creating", DROPLET, "other")];
  left(...begun);
  const became = { tunnel: { kind: "made", id: "366" }, other: { kind: "absent" } } as const;
  expect(await recovered(latest(...begun), { became })).toEqual({ held: [], doubtful: [] });
  const urn = `${URN}::${DROPLET}::tunnel`;
  expect(asked.map((args) => args.slice(0, 2))).toEqual([
    ["stack", "export"],
    ["stack", "import"],
    ["refresh", "--yes"],
  ]);
  const { deployment } = JSON.parse(imported ?? "") as { deployment: { resources: object[] } };
  expect(deployment).toMatchObject({ pending_operations: [] });
  expect(deployment.resources.slice(1)).toEqual([{ ...begun[0]?.resource, id: "366" }]);
  expect(asked[2]).toEqual(["refresh", "--yes", "--skip-preview", "--target", urn, "--stack", "home"]);
  expect(said.slice(1)).toEqual([
    "made by it, found in the cloud and taken up: Droplet tunnel (creating): 366",
    "begun by it, and done again by this one where needed: Droplet other (creating)",
  ]);
  // The run began when it locked the stack.
  expect(knew).toEqual([1, 2].map(() => ({ taken: new Set(), since: Date.parse("2026-11-23T06:24:38.9Z") })));
});

test("where one of them is in doubt nothing is done, and the text names what it may be and why nobody looked", async () => {
  left(operation("creating", DROPLET, "tunnel"), operation("creating", DROPLET, "other"));
  const became = {
    tunnel: { kind: "made", id: "366" },
    other: { kind: "unknown", candidates: ["7", "8"], reason: "no credential" },
  } as const;
  const { doubtful } = await recovered({}, { became });
  expect(asked).toEqual([]);
  const text = doubtfulText(place, doubtful, "npx infinity lab pulumi");
  expect(text).toContain(`  ${URN}::${DROPLET}::other\n    it may be: 7, 8\n    not looked for: no credential\n`);
  expect(text).toContain("npx infinity lab pulumi refresh --stack home --import-pending-creates");
  expect(text).not.toContain("::tunnel");
});

test("where the lock is gone already, the run is dated by the state", async () => {
  left(operation("creating", DROPLET, "tunnel"));
  rmSync(lockFolder(place), { recursive: true });
  await recovered(latest(), { became: { tunnel: { kind: "absent" } } });
  expect(knew).toEqual([{ taken: new Set(), since: Date.parse("2026-11-23T06:25:00Z") }]);
});

test.each(["refresh", "import"])(
  "where the engine fails at its %s of what was made, no up may follow",
  async (failing) => {
    left(operation("creating", DROPLET, "tunnel"));
    const became = { tunnel: { kind: "made", id: "366" } } as const;
    await expect(recovered(latest(), { became, failing })).rejects.toThrow(NotTakenUp);
  },
);

test("a command that doesn't do it again leaves the list alone", async () => {
  left(operation("creating", VM, "emby"));
  await recovered({}, { repeats: false });
  expect(asked).toEqual([]);
  expect(said).toHaveLength(1);
});

test("a stack that nobody killed, or that was never made, is asked nothing", async () => {
  expect(await recovered()).toEqual({ held: [], doubtful: [] });
  left();
  rmSync(lockFolder(place), { recursive: true });
  expect(await recovered()).toEqual({ held: [], doubtful: [] });
  expect([asked, said]).toEqual([[], []]);
});

test("where the engine refuses, its own words are the error, and the state is as it was", async () => {
  left(operation("creating", VM, "emby"));
  await expect(recovered(latest(), { failing: "import" })).rejects.toThrow(
    "pulumi stack import: error: wrong passphrase",
  );
  expect(JSON.parse(readFileSync(stateFile(place), "utf8"))).toMatchObject({
    checkpoint: { latest: { pending_operations: [{ type: "creating" }] } },
  });
});
