/** `infinity drift` on a stack of the user's own: their backend, their passphrase, and the exit codes that scripts see. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { stringify } from "yaml";
import { ensureEngine } from "../../engine/engine";
import { run, type RunResult } from "../../engine/run";
import { houseNode } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox } from "../../lab/proxmox/server";
import { projectRoot } from "../support/shared";
import { TOKEN } from "./world";

jest.setTimeout(240_000);

const PASSPHRASE = "the owner's own";
/** Beside Pulumi.yaml, as a user's is; its name is no user's. */
const STACK = `own-${process.pid}`;
const file = join(projectRoot, `Pulumi.${STACK}.yaml`);

let dir: string;
let proxmox: LabProxmox;
let env: NodeJS.ProcessEnv;

async function pulumi(args: readonly string[]): Promise<void> {
  const { bin } = await ensureEngine();
  const options = { cwd: projectRoot, env: { ...env, PATH: [bin, env.PATH].join(delimiter) } };
  const { code, stdout, stderr } = await run(join(bin, "pulumi"), [...args, "--non-interactive"], options);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: exit ${code}\n${stdout}${stderr}`);
}

async function drift(more: NodeJS.ProcessEnv = {}): Promise<Pick<RunResult, "code"> & { readonly said: string }> {
  const program = [join(projectRoot, "cli", "infinity.cjs"), "drift", "--stack", STACK];
  const result = await run(process.execPath, program, { cwd: tmpdir(), env: { ...env, ...more } });
  return { code: result.code, said: stripVTControlCharacters(result.stdout + result.stderr) };
}

const WITHOUT = { PULUMI_CONFIG_PASSPHRASE: undefined };

beforeAll(async () => {
  proxmox = await startProxmox({ initial: houseNode() });
  dir = mkdtempSync(join(tmpdir(), "infinity-own-"));
  mkdirSync(join(dir, "state"));
  env = {
    ...process.env,
    PULUMI_HOME: join(dir, "home"),
    PULUMI_BACKEND_URL: `file://${join(dir, "state")}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const disks = { scsi0: { storage: "local-lvm", size: "4GiB" } };
  const config = {
    "pulumi-nodejs:hypervisor": {
      ...{ node: "infinity-node", endpoint: proxmox.url, tls: { fingerprint: proxmox.fingerprint } },
    },
    "infinity-node:vms": { one: { vmid: 100, state: "stopped", cpu: { cores: 2 }, memory: "1GiB", disks } },
  };
  writeFileSync(file, stringify({ config }));
  await pulumi(["stack", "init", STACK, "--no-select"]);
  const key = ["--secret", "--path", "pulumi-nodejs:hypervisor.apiToken", TOKEN];
  await pulumi(["config", "set", "--stack", STACK, ...key]);
  await pulumi(["up", "--yes", "--skip-preview", "--stack", STACK]);
  proxmox.calls.reset();
});
afterAll(async () => {
  await proxmox.close();
  for (const path of [file, dir]) rmSync(path, { recursive: true, force: true });
});

test("nothing changed is 0, an edit is 7, and neither is written to Proxmox", async () => {
  expect(await drift()).toMatchObject({ code: 0, said: expect.stringContaining("1 of 1 checked, no drift") as string });
  const { config } = proxmox.world.vms[100] ?? {};
  Object.assign(config ?? {}, { cores: "4" });
  const edited = await drift();
  expect(edited).toMatchObject({
    code: 7,
    said: expect.stringMatching(/cpu\.cores: was 2, is 4, the house says 2/) as string,
  });
  expect(proxmox.calls.writes).toBe(0);
});

test("the passphrase may stand in a file", async () => {
  const kept = join(dir, "passphrase");
  writeFileSync(kept, `${PASSPHRASE}\n`, { mode: 0o600 });
  expect(await drift({ ...WITHOUT, PULUMI_CONFIG_PASSPHRASE_FILE: kept })).toMatchObject({ code: 7 });
});

test.each([
  ["without one", WITHOUT, /PULUMI_CONFIG_PASSPHRASE/],
  ["with another's", { PULUMI_CONFIG_PASSPHRASE: "another's" }, /incorrect passphrase/],
])("%s it says so, asks nothing and shows no secret", async (_what, more, message) => {
  proxmox.calls.reset();
  const { code, said } = await drift(more);
  expect({ code, asked: Object.keys(proxmox.calls.counts) }).toEqual({ code: 1, asked: [] });
  expect(said).toMatch(message);
  expect(said).not.toContain(TOKEN);
});

test("a Proxmox that can't be asked is 1: not checked is not clean", async () => {
  proxmox.faults.add({ match: { path: "/" }, kind: "status", status: 503, times: 99 });
  const { code, said } = await drift();
  expect(code).toBe(1);
  expect(said).toMatch(/VM 100 one: not checked[\s\S]*0 of 1 checked/);
});
