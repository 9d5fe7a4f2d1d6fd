/**
 * A deployment that something befalls, at each thing that it does: the connection ends, nobody is let in any more, the guest
 * reboots, its disk fills up. The next run ends it: no variable lost, no container left stopped, never two releases mixed.
 * Every moment is tried in several ways; with `INFINITY_FULL=1` in all of them.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { Blow } from "../../../lab/guest/moments";
import type { ComposeStackInputs } from "../../../providers/compose/args";
import { checkComposeStack } from "../../../providers/compose/check";
import { containers } from "../../../providers/compose/containers";
import { composeStackLifecycle } from "../../../providers/compose/lifecycle";
import { sha256 } from "../../../providers/compose/digest";
import type { Lifecycle } from "../../../providers/lifecycle";
import { openGuest, type TestGuest } from "../guest/guest";

jest.setTimeout(120_000);

let root: string;
let guest: TestGuest;
let lifecycle: Lifecycle<ComposeStackInputs>;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "infinity-stacks-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** What the house says of it: another version has another image, another mounted file, another variable and secret. */
function version(number: number): ComposeStackInputs {
  const conf = `listen ${number}\n`;
  const web = {
    image: `web:${number}`,
    volumes: ["./config/web.conf:/etc/web.conf:ro"],
    environment: { TOKEN: "${TOKEN}" },
  };
  const services = { web, guard: { image: "guard:1" }, behind: { image: "behind:1", network_mode: "service:guard" } };
  const common = { restart: "unless-stopped", healthcheck: { test: ["CMD", "true"] } };
  const compose = { name: "site", services: Object.fromEntries(Object.entries(services).map(([name, one]) => [name, { ...common, ...one }])) }; // prettier-ignore
  const texts = { "docker-compose.yml": stringify(compose), "config/web.conf": conf };
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, `site${number}`, path)), { recursive: true });
    writeFileSync(join(root, `site${number}`, path), text);
  }
  const { inputs, failures } = checkComposeStack(
    {},
    {
      host: guest.ref,
      project: "site",
      source: `site${number}`,
      files: Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)])),
      env: { TOKEN: `correct-horse-${number}`, TZ: "Etc/UTC" },
      services: {
        web: { image: `web:${number}`, content: sha256(conf) },
        guard: { image: "guard:1" },
        behind: { image: "behind:1" },
      },
      waitSeconds: 30,
    },
  );
  expect(failures).toEqual([]);
  return inputs;
}

const by = async (...command: string[]): Promise<string> => (await guest.by(command)).stdout;

/** A guest that has version 1, and a variable that somebody added by hand. */
async function open(deployed: boolean): Promise<void> {
  guest = await openGuest();
  guest.state.packages.push("docker.io");
  lifecycle = composeStackLifecycle(guest.surroundings, () => root);
  if (!deployed) return;
  await lifecycle.create(version(1));
  const env = await by("cat", "--", "/opt/stacks/site/.env");
  await guest.host.writeFile("/opt/stacks/site/current/.env", `${env}EXTRA=by hand\n`, { sudo: true, mode: 0o600 });
}

/** As another process looks: what this one saw a moment ago doesn't count. */
const read = async (state: ComposeStackInputs): Promise<ComposeStackInputs | undefined> => {
  containers.forget(guest.host);
  return (await lifecycle.read("", state)).inputs;
};

/** The guest has this version, whole, and no other one. */
async function expectSettled(wanted: ComposeStackInputs, extra: boolean): Promise<void> {
  expect(await read(wanted)).toEqual(wanted);
  const env = await by("cat", "--", "/opt/stacks/site/.env");
  expect(env).toContain(`TOKEN=${wanted.env.TOKEN ?? ""}\n`);
  // In the hand's words, until a release writes it in its own.
  expect(/^EXTRA='?by hand'?$/m.test(env)).toBe(extra);
  const all = guest.state.containers.map(({ service, image, status, health }) => [service, image, status, health]);
  expect(all.sort()).toEqual([
    ["behind", "behind:1", "running", "healthy"],
    ["guard", "guard:1", "running", "healthy"],
    ["web", wanted.services.web?.image, "running", "healthy"],
  ]);
  const links = await Promise.all(["current", "good"].map((name) => by("readlink", "--", `/opt/stacks/site/${name}`)));
  expect(links[0]).toMatch(/^releases\/[0-9a-f]{16}$/m);
  expect(links[1]).toBe(links[0]);
  expect(guest.operations.filter(({ unknown }) => unknown)).toEqual([]);
}

interface Way {
  /** What is under way when it befalls. */
  readonly run: () => Promise<unknown>;
  /** What the next run wants. */
  readonly next: () => Promise<ComposeStackInputs>;
}

const create = async (): Promise<ComposeStackInputs> => (await lifecycle.create(version(1))).outs;
const update = async (to: number): Promise<ComposeStackInputs> =>
  (await lifecycle.update("", version(1), version(to))).outs;
/** Version 9 never comes up: the former release is brought back. */
const failing = async (): Promise<ComposeStackInputs> => {
  guest.state.badImages["web:9"] = { health: "unhealthy", log: "no\n" };
  return update(9);
};

const ways: Record<string, Way> = {
  "a first deployment": { run: create, next: create },
  "an update": { run: () => update(2), next: () => update(2) },
  "an update, and the house says something else by then,": { run: () => update(2), next: () => update(3) },
  "an update, that the house took back by then,": { run: () => update(2), next: () => update(1) },
  "an update that fails and is rolled back": { run: failing, next: () => update(1) },
};

const blows: readonly Blow[] = ["cut", "hang up", "gone", "reboot", "full disk"];

/** In a short run each pair of way and blow has every ninth moment, each pair others. */
const STRIDE = process.env.INFINITY_FULL === "1" ? 1 : 9;
const turn = (name: string, blow: Blow): number => Object.keys(ways).indexOf(name) * blows.length + blows.indexOf(blow);

describe.each(Object.entries(ways))("%s", (name, { run, next }) => {
  const deployed = name !== "a first deployment";
  let total = 0;

  beforeAll(async () => {
    await open(deployed);
    guest.moments.arm("cut", 0);
    await run().catch(() => undefined);
    total = guest.moments.seen.length;
    await guest.end();
    expect(total).toBeGreaterThan(15);
  });

  test.each(blows)("%s at each moment: the next run ends it", async (blow) => {
    for (let nth = 1 + (turn(name, blow) % STRIDE); nth <= total; nth += STRIDE) {
      await open(deployed);
      guest.moments.arm(blow, nth);
      // What needs no room is done on a full disk, too.
      if (blow === "full disk") await run().catch(() => undefined);
      else await expect(run()).rejects.toThrow();
      const moment = `${nth}: ${guest.moments.seen[nth - 1] ?? ""}`;
      guest.moments.clear();
      try {
        await expectSettled(await next(), deployed);
      } catch (error) {
        throw new Error(`${moment}\n${(error as Error).message}`, { cause: error });
      } finally {
        await guest.end();
      }
    }
  });
});
