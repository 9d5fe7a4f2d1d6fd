/** What is done after a killed run, by what its state says; the engine is a script of its answers. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { lockFolder, stateFile, type StackPlace } from "../../../engine/recover/fileBackend";
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

beforeEach(() => {
  place = { backend: mkdtempSync(join(tmpdir(), "infinity-recover-")), project: "infinity-node", stack: "home" };
  [said, asked, imported] = [[], [], undefined];
});
afterEach(() => {
  rmSync(place.backend, { recursive: true, force: true });
});

const latest = (...operations: object[]): object => ({
  manifest: { version: "v3.259.0" },
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
const recovered = (exported: object = {}, more: { repeats?: boolean; failing?: string } = {}) =>
  recover({
    place,
    say: (line) => void said.push(line),
    repeats: more.repeats,
    ask: (args): Promise<RunResult> => {
      asked.push([...args]);
      if (args[1] === more.failing)
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

test("a creation in somebody else's cloud is doubtful: nothing is cleared, and the text says how to go on", async () => {
  left(operation("creating", VM, "emby"), operation("creating", DROPLET, "tunnel"));
  const { doubtful } = await recovered();
  expect(asked).toEqual([]);
  const text = doubtfulText(place, doubtful);
  expect(text).toContain(`--import-pending-creates '${URN}::${DROPLET}::tunnel' --import-pending-creates ID`);
  expect(text).toContain("--clear-pending-creates");
  expect(text).not.toContain("emby");
});

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
