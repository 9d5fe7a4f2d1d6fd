/** A token made by bootstrapping lies encrypted in the stack's file, and the engine does everything with it. */
import { readFileSync } from "node:fs";
import { bootstrap } from "../../cli/bootstrap/bootstrap";
import { engineConfig } from "../../cli/adopt/engineConfig";
import { examine, type Doctor } from "../../cli/doctor/doctor";
import { houseFrom } from "../../cli/readStack";
import { ensureEngine, type Engine } from "../../engine/engine";
import { run } from "../../engine/run";
import { LAB_PASSWORD } from "../../lab/proxmox/seeds";
import { readSettings } from "../../providers/proxmox/settings";
import { projectRoot } from "../support/shared";
import { openWorld, type World } from "./world";

jest.setTimeout(240_000);

let world: World;
let engine: Engine;
beforeAll(async () => {
  engine = await ensureEngine();
  world = await openWorld("bootstrap", {
    hypervisor: { apiToken: undefined, tls: undefined },
    storages: {
      "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" },
      NAS: { type: "nfs", server: "192.168.86.43", export: "/x", content: ["images"] },
    },
    vms: {
      one: {
        vmid: 100,
        state: "running",
        startup: { order: 1 },
        cpu: { cores: 1 },
        memory: "1GiB",
        disks: { scsi0: { storage: "NAS", size: "4GiB" } },
        cloudInit: { storage: "local-lvm", user: "evan" },
      },
    },
  });
});
afterAll(() => world.close());

/** With this much changed in the engine's environment. */
function doctorOf(env: NodeJS.ProcessEnv = {}): Doctor {
  const { stack } = world;
  return {
    ...houseFrom(file(), "Pulumi.bootstrap.yaml", () => undefined),
    stack: "bootstrap",
    root: projectRoot,
    engine,
    env: {},
    pulumi: (args) =>
      run(engine.pulumi, [...stack.arguments(args), "--non-interactive"], {
        cwd: projectRoot,
        env: { ...stack.env, ...env },
      }),
    format: "json",
    print: () => undefined,
  };
}

const file = (): string => readFileSync(world.stack.configFile, "utf8");

test("bootstrapped, the stack goes up with its own token, and nothing of it is to be read", async () => {
  const { house } = houseFrom(file(), "Pulumi.bootstrap.yaml", () => undefined);
  const pulumi = world.stack.run;
  const knownToken = async (): Promise<string | undefined> =>
    readSettings(await engineConfig((args) => pulumi(args))).settings.hypervisor?.apiToken;
  const said: string[] = [];
  const asked = {
    house,
    names: { user: "infinity@pve", role: "Infinity", token: "bootstrap" },
    dryRun: false,
    newToken: false,
    yes: true,
    store: "stack",
    fingerprint: world.proxmox.fingerprint,
    password: () => Promise.resolve(LAB_PASSWORD),
    knownToken,
    pulumi,
    print: (line: string) => said.push(line),
  } as const;
  expect(await bootstrap(asked)).toBe(0);
  const { secret } = world.proxmox.world.tokens["infinity@pve!bootstrap"] ?? { secret: "no token" };
  expect(file()).toMatch(/apiToken:\s+secure: v1:/);
  expect(file()).toContain(`fingerprint: ${world.proxmox.fingerprint}`);
  expect([file(), ...said].filter((text) => text.includes(secret))).toEqual([]);

  await world.up();
  expect(world.proxmox.world.vms[100]?.running).toBeDefined();
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);

  const seen = await examine(doctorOf());
  expect(seen.findings.filter(({ result }) => result !== "fine")).toEqual([]);
  expect(seen.findings.find(({ what }) => what === "credential")?.detail).toBe("token infinity@pve!bootstrap");

  // The same again, with the token that the engine decrypts.
  world.proxmox.calls.reset();
  expect(await bootstrap(asked)).toBe(0);
  expect(world.proxmox.calls.writes).toBe(0);
});

const unwell = async (env: NodeJS.ProcessEnv): Promise<string[]> =>
  (await examine(doctorOf(env))).findings
    .filter(({ area, result }) => area === "engine" && result !== "fine")
    .map(({ what, result }) => `${what}: ${result}`);

test("the doctor tells the engine's own refusals apart", async () => {
  expect(await unwell({ PULUMI_CONFIG_PASSPHRASE: "another" })).toEqual(["secrets: wrong", "stack: untried"]);
  expect(await unwell({ PULUMI_BACKEND_URL: "file:///nowhere/at/all" })).toEqual([
    "login: wrong",
    "stack: untried",
    "secrets: untried",
    "lock: untried",
  ]);
  const [empty] = await unwell({ PULUMI_BACKEND_URL: `file://${world.dir}/home` });
  expect(empty).toBe("stack: wrong");
});
