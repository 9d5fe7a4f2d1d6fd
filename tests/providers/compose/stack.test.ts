/** Compose stacks on a simulated guest, over real SSH: deployed, changed, drifted, failed, rolled back, cut off, taken over. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { ComposeStackInputs, ComposeStackSpec } from "../../../providers/compose/args";
import { checkComposeStack } from "../../../providers/compose/check";
import { containers } from "../../../providers/compose/containers";
import { composeStackLifecycle } from "../../../providers/compose/lifecycle";
import { digestOf, sha256 } from "../../../providers/compose/digest";
import type { Lifecycle } from "../../../providers/lifecycle";
import { connectHost } from "../../../providers/ssh/connectHost";
import { openGuest, type TestGuest } from "../guest/guest";

let guest: TestGuest;
let root: string;
let lifecycle: Lifecycle<ComposeStackInputs>;

beforeEach(async () => {
  guest = await openGuest();
  guest.state.packages.push("docker.io");
  root = mkdtempSync(join(tmpdir(), "infinity-stacks-"));
  lifecycle = composeStackLifecycle(guest.surroundings, () => root);
});

afterEach(async () => {
  const unknown = await guest.end();
  rmSync(root, { recursive: true, force: true });
  expect(unknown).toEqual([]);
});

interface Description {
  readonly image?: string;
  readonly conf?: string;
  readonly env?: Record<string, string>;
  /** One of Docker's that the cache mounts. */
  readonly volume?: string;
  readonly more?: Partial<ComposeStackSpec>;
}

/** A web server with a file of the stack mounted, and a cache that has none of it. */
function describeStack({
  image = "web:1",
  conf = "listen 80\n",
  env = { TZ: "UTC" },
  volume,
  more,
}: Description = {}): ComposeStackInputs {
  const compose = stringify({
    name: "site",
    services: {
      web: {
        image,
        volumes: ["./config/web.conf:/etc/web.conf:ro"],
        environment: { TOKEN: "${TOKEN:-none}", TZ: "${TZ}" },
        healthcheck: { test: ["CMD", "true"] },
        restart: "unless-stopped",
      },
      cache: { image: "cache:7", restart: "unless-stopped", ...(volume && { volumes: [`${volume}:/data`] }) },
    },
    ...(volume && { volumes: { [volume]: {} } }),
  });
  return checked({
    host: guest.ref,
    project: "site",
    source: "stacks/site",
    files: written({ "docker-compose.yml": compose, "config/web.conf": conf }),
    env,
    services: { web: { image, content: sha256(conf), files: ["config/web.conf"] }, cache: { image: "cache:7" } },
    waitSeconds: 30,
    ...more,
  });
}

function written(texts: Record<string, string>): Record<string, string> {
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(root, "stacks/site", path)), { recursive: true });
    writeFileSync(join(root, "stacks/site", path), text);
  }
  return Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)]));
}

function checked(spec: ComposeStackSpec, olds: object = {}): ComposeStackInputs {
  const { inputs, failures } = checkComposeStack(olds, spec);
  if (failures.length > 0) throw new Error(JSON.stringify(failures));
  return inputs;
}

const create = async (inputs: ComposeStackInputs): Promise<ComposeStackInputs> => (await lifecycle.create(inputs)).outs;
const update = async (olds: ComposeStackInputs, news: ComposeStackInputs): Promise<ComposeStackInputs> =>
  (await lifecycle.update("", olds, news)).outs;
/** As another process looks: what this one saw a moment ago doesn't count. */
const read = async (state: ComposeStackInputs): Promise<ComposeStackInputs | undefined> => {
  containers.forget(guest.host);
  return (await lifecycle.read("", state)).inputs;
};

/** Holds the guest where it first makes the web server. @returns when it got there, and what lets it go on. */
function heldAtWeb(): { readonly reached: Promise<void>; readonly goOn: () => void } {
  let goOn = (): void => undefined;
  const going = new Promise<undefined>((done) => {
    goOn = () => {
      done(undefined);
    };
  });
  const reached = new Promise<void>((resolve) => {
    guest.moments.hold({
      at: /^make web$/,
      until: () => {
        resolve();
        return going;
      },
    });
  });
  return { reached, goOn };
}

/** Somebody else's program, with a connection of its own. */
function otherProgram(): { readonly other: Lifecycle<ComposeStackInputs>; readonly end: () => Promise<void> } {
  const host = connectHost(guest.target, { firstDelayMs: 1 });
  const session = () => ({ ...guest.surroundings.session(guest.ref), host });
  return {
    other: composeStackLifecycle({ ...guest.surroundings, session }, () => root),
    end: () => host.close(),
  };
}

/** Until the stack's lock was asked for as often. As long as the test itself may take. */
async function lockAsked(times: number): Promise<void> {
  const asked = (): number => guest.operations.filter(({ text }) => text.includes(" flock ")).length;
  while (asked() < times) await new Promise((next) => setImmediate(next));
}

const hand = async (...command: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await guest.by(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
};

const ids = (): Record<string, string> =>
  Object.fromEntries(guest.state.containers.map(({ service, id }) => [service, id]));
const container = (service: string) => {
  const found = guest.state.containers.find((each) => each.service === service);
  if (!found) throw new Error(`no container of ${service}`);
  return found;
};

const remove = (service: string): void => {
  guest.state.containers = guest.state.containers.filter((each) => each.service !== service);
};

/** Commands that change something: all but looks. */
const changes = (): string[] => guest.sent().filter((line) => line !== "sudo -n -- sh");

describe("what it costs", () => {
  test("a look at ten stacks on a guest is two commands, and one more where containers share a network", async () => {
    const all: ComposeStackInputs[] = [];
    for (const index of Array.from({ length: 10 }, (_, at) => at))
      all.push(await create(describeStack({ more: { project: `site${index}` } })));
    const look = async (): Promise<number> => {
      containers.forget(guest.host);
      guest.sent();
      for (const [index, seen] of (await Promise.all(all.map((state) => lifecycle.read("", state)))).entries())
        expect(seen.inputs).toEqual(all[index]);
      return guest.sent().length;
    };
    expect(await look()).toBe(2);
    const [owner, ...others] = guest.state.containers;
    for (const other of others.filter(({ project, service }) => project === "site0" && service !== owner?.service))
      Object.assign(other, { networkMode: `container:${owner?.id ?? ""}`, namespace: owner?.namespace });
    expect(await look()).toBe(3);
  });

  test("a first deployment is a command for each file and folder, and five besides", async () => {
    await create(describeStack());
    const sent = guest.sent();
    const writes = sent.filter((line) => line.includes(" write /opt/stacks/")).length;
    const folders = sent.filter((line) => line.includes(" directory /opt/stacks/")).length;
    // Its two files, the labels of its services, and .env.
    expect([writes, folders, sent.length - writes - folders]).toEqual([4, 3, 5]);
  });
});

describe("a stack", () => {
  test("is deployed, reads back, and is left alone by the next run", async () => {
    const state = await create(describeStack({ env: { TZ: "Europe/Berlin", TOKEN: "it's $ecret" } }));
    expect(await read(state)).toEqual(state);
    expect(await hand("cat", "--", "/opt/stacks/site/config/web.conf")).toBe("listen 80\n");
    expect(await hand("stat", "-L", "-c", "%a %U", "--", "/opt/stacks/site/.env")).toBe("600 root\n");
    const before = ids();
    changes();
    await update(state, state);
    expect(changes()).toEqual([]);
    expect(ids()).toEqual(before);
  });

  test("has no secret in any command", async () => {
    await create(describeStack({ env: { TOKEN: "correct-horse" } }));
    expect(guest.operations.some(({ text }) => text.includes("correct-horse"))).toBe(false);
    expect(await hand("cat", "--", "/opt/stacks/site/.env")).toContain("correct-horse");
  });

  test("with another mounted file makes anew exactly the services that use it", async () => {
    const state = await create(describeStack());
    const before = ids();
    const next = await update(state, describeStack({ conf: "listen 8080\n" }));
    expect(ids().cache).toBe(before.cache);
    expect(ids().web).not.toBe(before.web);
    expect(await read(next)).toEqual(next);
    expect(await hand("cat", "--", "/opt/stacks/site/config/web.conf")).toBe("listen 8080\n");
  });

  test("keeps variables that the guest's file has besides, and drops what the house drops", async () => {
    const state = await create(describeStack({ env: { TZ: "UTC", TOKEN: "a" } }));
    const path = "/opt/stacks/site/.env";
    const own = "BY_HAND=${TZ}/1\nPASSED_ON\nQUOTED='it\\'s'\n";
    await guest.host.writeFile(path, `${await hand("cat", "--", path)}${own}`, { sudo: true, mode: 0o600 });
    const next = await update(state, describeStack({ env: { TZ: "UTC" } }));
    const text = await hand("cat", "--", path);
    expect(text.endsWith(own)).toBe(true);
    expect(text).not.toContain("TOKEN");
    expect(await read(next)).toEqual(next);
  });

  test("that was changed since the preview is not deployed", async () => {
    const inputs = describeStack();
    writeFileSync(join(root, "stacks/site/config/web.conf"), "something else\n");
    await expect(create(inputs)).rejects.toThrow(
      "stack site on emby: stacks/site/config/web.conf was changed since this run began",
    );
    expect(guest.state.containers).toEqual([]);
  });
});

describe("what is wrong with a stack is found, and put right", () => {
  test.each<readonly [string, () => unknown, object]>([
    [
      "a stopped container",
      () => Object.assign(container("web"), { status: "exited", exitCode: 137, pid: 0 }),
      { web: { state: "exited (137)" } },
    ],
    [
      "an unhealthy one",
      () => Object.assign(container("web"), { health: "unhealthy" }),
      { web: { state: "unhealthy" } },
    ],
    ["a paused one", () => Object.assign(container("web"), { status: "paused" }), { web: { state: "paused" } }],
    [
      "one whose image's name means another one by now",
      () => (guest.state.retagged = { "web:1": 1 }),
      { web: { state: "other image" }, cache: { state: "up" } },
    ],
    [
      "one of a deployment that was cut off before its end",
      () => guest.by(["rm", "-f", "--", "/opt/stacks/site/good"]),
      { web: { state: "unfinished" } },
    ],
    [
      "a missing one",
      () => {
        remove("cache");
      },
      { cache: undefined },
    ],
    [
      "one of another image",
      () =>
        Object.assign(container("cache"), {
          image: "cache:6",
          labels: { ...container("cache").labels, "com.docker.compose.config-hash": "x" },
        }),
      { cache: { image: "cache:6" } },
    ],
    [
      "one that was made by other files",
      () => (container("cache").labels["com.docker.compose.config-hash"] = "x"),
      { cache: { state: "outdated" } },
    ],
    [
      "one that nobody declared",
      () =>
        guest.state.containers.push({
          ...container("cache"),
          id: "f".repeat(64),
          service: "extra",
          labels: { ...container("cache").labels, "com.docker.compose.service": "extra" },
        }),
      { extra: { state: "up" } },
    ],
    [
      "one that somebody connected to another network, too",
      () => hand("docker", "network", "connect", "lan", "site-web-1"),
      { web: { state: "in a network by hand: lan" }, cache: { state: "up" } },
    ],
    [
      "one that somebody connected to another network by its service's name",
      () => hand("docker", "network", "connect", "--alias", "web", "lan", "site-web-1"),
      { web: { state: "in a network by hand: lan" }, cache: { state: "up" } },
    ],
    [
      "one that somebody took out of its network",
      () => hand("docker", "network", "disconnect", "site_default", "site-web-1"),
      { web: { state: "no network" }, cache: { state: "up" } },
    ],
    [
      "one with another file mounted",
      () =>
        Object.assign(container("web").labels, {
          "infinity-node.content": "old",
          "com.docker.compose.config-hash": "x",
        }),
      { web: { content: "old" } },
    ],
  ])("%s", async (_, break_, found) => {
    const state = await create(describeStack());
    await break_();
    const live = await read(state);
    for (const [service, expected] of Object.entries(found))
      if (expected === undefined) expect(live?.services).not.toHaveProperty(service);
      else expect(live?.services[service]).toMatchObject(expected as object);
    await update(state, state);
    expect(await read(state)).toEqual(state);
  });

  test("a container in another network is made anew, and no other one", async () => {
    const state = await create(describeStack());
    const before = ids();
    await hand("docker", "network", "connect", "lan", "site-web-1");
    await update(state, state);
    expect(ids().web).not.toBe(before.web);
    expect(ids().cache).toBe(before.cache);
  });

  test("but not a container that Compose doesn't take for the project's either: it stays, and is nobody's drift", async () => {
    const state = await create(describeStack());
    const labels = { "com.docker.compose.project": "site", "com.docker.compose.service": "extra" };
    guest.state.containers.push({ ...container("cache"), id: "f".repeat(64), service: "extra", labels });
    expect(await read(state)).toEqual(state);
    container("web").status = "paused";
    await update(state, state);
    expect(ids().extra).toBe("f".repeat(64));
  });

  test.each([
    ["has no services any more", "services: {}\n"],
    ["was emptied", ""],
    ["is no YAML any more", "services: {\n"],
  ])("a compose file that %s, and a variable that was edited by hand", async (_, text) => {
    const state = await create(describeStack());
    await guest.host.writeFile("/opt/stacks/site/current/docker-compose.yml", text, { sudo: true });
    await guest.host.writeFile("/opt/stacks/site/current/.env", "TZ=Mars\n", { sudo: true, mode: 0o644 });
    const live = await read(state);
    expect(live).toMatchObject({ env: { TZ: "Mars" }, envMode: "0644" });
    expect(live?.files["docker-compose.yml"]).toBe(sha256(text));
    await update(state, state);
    expect(await read(state)).toEqual(state);
  });
});

describe("a file that is no text, and may be run", () => {
  const PROGRAM = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0xff, 0xfe, 0x00, 0xc3, 0x28]);
  const path = "/opt/stacks/site/config/hook";
  const withProgram = (executable: boolean): ComposeStackInputs => {
    const described = describeStack();
    writeFileSync(join(root, "stacks/site/config/hook"), PROGRAM);
    const files = { ...described.files, "config/hook": digestOf(PROGRAM, executable) };
    return checked({ ...described, files });
  };
  const mode = (): Promise<string> => hand("stat", "-L", "-c", "%a", "--", path);

  test("goes to the guest as it is, byte by byte and with its mode; another mode is found and put right", async () => {
    const state = await create(withProgram(true));
    expect(readFileSync(join(guest.root, path.replace("site", "site/current")))).toEqual(PROGRAM);
    expect(await mode()).toBe("755\n");
    expect(await read(state)).toEqual(state);
    await guest.files.own(path, { mode: 0o644 });
    expect((await read(state))?.files["config/hook"]).toBe(sha256(PROGRAM));
    await update(state, state);
    expect(await mode()).toBe("755\n");
    const next = await update(state, withProgram(false));
    expect(await mode()).toBe("644\n");
    expect(await read(next)).toEqual(next);
    await guest.files.own(path, { mode: 0o755 });
    expect((await read(next))?.files["config/hook"]).toBe(digestOf(PROGRAM, true));
  });
});

describe("what else a deployment wrote", () => {
  const folder = "/opt/stacks/site/current";
  const write = (file: string, text: string): Promise<void> =>
    guest.host.writeFile(`${folder}/${file}`, text, { sudo: true, mode: file === ".env" ? 0o600 : 0o644 });
  const dotenv = (): Promise<string> => hand("cat", "--", `${folder}/.env`);

  test.each<readonly [string, () => unknown, RegExp]>([
    [
      "the labels of its services that are gone",
      () => hand("rm", "-f", "--", `${folder}/infinity.yml`),
      /^infinity\.yml is gone, Compose can't read its files any more$/,
    ],
    [
      "the labels of its services that were edited",
      async () => write("infinity.yml", `${await hand("cat", "--", `${folder}/infinity.yml`)}# edited\n`),
      /^infinity\.yml was edited$/,
    ],
    [
      "another compose file than Compose was told",
      async () => write(".env", (await dotenv()).replace(/docker-compose\.yml/, "other.yml")),
      /^COMPOSE_FILE was edited$/,
    ],
    [
      "a project's name that is gone",
      async () => write(".env", (await dotenv()).replace(/^COMPOSE_PROJECT_NAME.*\n/m, "")),
      /^COMPOSE_PROJECT_NAME is gone$/,
    ],
  ])("%s: found, and put right without a container made anew", async (_, edit, says) => {
    const state = await create(describeStack());
    const before = ids();
    await edit();
    const live = await read(state);
    expect(live?.integrity).toMatch(says);
    expect({ ...live, integrity: state.integrity }).toEqual(state);
    await update(state, state);
    expect(await read(state)).toEqual(state);
    expect(ids()).toEqual(before);
  });
});

describe("a mounted file that was edited in its place: its container goes on with what it opened", () => {
  const folder = "/opt/stacks/site/current";
  const edit = (): Promise<void> =>
    guest.host.writeFile(`${folder}/config/web.conf`, "edited\n", { sudo: true, owner: "root:root" });

  test("is put right, and the container that has it is made anew, no other one", async () => {
    const state = await create(describeStack());
    await edit();
    const before = ids();
    await update(state, state);
    expect(await read(state)).toEqual(state);
    expect(ids().web).not.toBe(before.web);
    expect(ids().cache).toBe(before.cache);
    const repaired = ids();
    await update(state, state);
    expect(ids()).toEqual(repaired);
  });

  test("the same where another release comes, in which that file is the same", async () => {
    const state = await create(describeStack());
    await edit();
    const before = ids();
    const next = await update(state, describeStack({ env: { TZ: "UTC", OTHER: "1" } }));
    expect(await read(next)).toEqual(next);
    expect(ids().web).not.toBe(before.web);
    expect(ids().cache).toBe(before.cache);
  });

  test.each([
    ["before its image could be had", "missing"],
    ["under its hands", "killed"],
  ])("a repair that ended %s is seen, and made good by the next run", async (_, how) => {
    const state = await create(describeStack());
    await edit();
    const before = ids();
    if (how === "missing") {
      guest.state.images = [];
      guest.state.missingImages.push("cache:7");
    } else guest.moments.hold({ at: /docker compose .* config --quiet/, until: () => Promise.resolve("gone") });
    await expect(update(state, state)).rejects.toThrow();
    guest.moments.clear();
    guest.state.missingImages = [];
    expect(await hand("cat", "--", `${folder}/config/web.conf`)).toBe("listen 80\n");
    const live = await read(state);
    expect(live?.files).toEqual(state.files);
    expect(live?.services.web?.content).toBeUndefined();
    expect(live?.services.cache).toEqual(state.services.cache);
    await update(state, state);
    expect(await read(state)).toEqual(state);
    expect(ids().web).not.toBe(before.web);
    expect(ids().cache).toBe(before.cache);
  });
});

describe("a stack whose containers share a network", () => {
  const vpn = (): ComposeStackInputs => {
    const compose = stringify({
      name: "vpn",
      services: {
        vpn: { image: "vpn:1", healthcheck: { test: ["CMD", "true"] } },
        deluge: { image: "deluge:2", network_mode: "service:vpn", healthcheck: { test: ["CMD", "true"] } },
      },
    });
    return checked({
      host: guest.ref,
      project: "vpn",
      source: "stacks/site",
      files: written({ "docker-compose.yml": compose }),
      services: { vpn: { image: "vpn:1" }, deluge: { image: "deluge:2" } },
    });
  };

  test("has it found and put right when one restarted and the others stayed in a network that is gone", async () => {
    const state = await create(vpn());
    container("vpn").namespace = 4711;
    expect((await read(state))?.services.deluge?.state).toBe("no network");
    const before = ids();
    await update(state, state);
    expect(await read(state)).toEqual(state);
    expect(ids().vpn).toBe(before.vpn);
    expect(ids().deluge).not.toBe(before.deluge);
  });
});

describe("a stack that has the NAS's share mounted", () => {
  const films = (): ComposeStackInputs => {
    const services = { films: { image: "films:1", volumes: ["/mnt/nas/media:/data"] }, cache: { image: "cache:7" } };
    return checked({
      host: guest.ref,
      project: "site",
      source: "stacks/site",
      files: written({ "docker-compose.yml": stringify({ name: "site", services }) }),
      services: { films: { image: "films:1", data: { "/data": "/mnt/nas/media" } }, cache: { image: "cache:7" } },
      mounts: ["/mnt/nas"],
    });
  };
  const mounted = (source: string, options = "rw,hard"): void => {
    guest.state.mounts = [{ target: "/mnt/nas", type: "nfs4", source, options }];
  };

  test.each([
    ["from elsewhere", "192.168.86.44:/volume1/x", "rw,hard"],
    ["in another way", "192.168.86.43:/volume1/x", "ro,hard"],
  ])(
    "is found and put right where that was mounted %s since: no other container is touched",
    async (_, source, how) => {
      mounted("192.168.86.43:/volume1/x");
      const state = await create(films());
      expect(await read(state)).toEqual(state);
      mounted(source, how);
      expect((await read(state))?.services).toMatchObject({ films: { state: "old mount" }, cache: { state: "up" } });
      const before = ids();
      await update(state, state);
      expect(await read(state)).toEqual(state);
      expect(ids().films).not.toBe(before.films);
      expect(ids().cache).toBe(before.cache);
    },
  );

  test("is left alone where it was mounted again as it was, and while it is not mounted", async () => {
    mounted("192.168.86.43:/volume1/x");
    const state = await create(films());
    guest.state.mounts = [];
    expect(await read(state)).toEqual(state);
    mounted("192.168.86.43:/volume1/x");
    expect(await read(state)).toEqual(state);
  });
});

describe("a stack with a service that runs to its end", () => {
  const seeded = (image = "seed:1"): ComposeStackInputs => {
    const compose = stringify({
      name: "site",
      services: {
        web: { image: "web:1", healthcheck: { test: ["CMD", "true"] } },
        seed: { image, restart: "no", labels: { "infinity-node.completed": "true" } },
      },
    });
    return checked({
      host: guest.ref,
      project: "site",
      source: "stacks/site",
      files: written({ "docker-compose.yml": compose }),
      services: { web: { image: "web:1" }, seed: { image, state: "completed" } },
    });
  };

  test("is up when that one has ended, though Compose takes its end for a failure", async () => {
    const state = await create(seeded());
    expect(await read(state)).toEqual(state);
    const before = ids();
    await update(state, state);
    expect(ids()).toEqual(before);
  });

  test("is not up when it ended badly: the former release comes back", async () => {
    const state = await create(seeded());
    guest.state.badImages["seed:2"] = { health: "exited", log: "no rows\n" };
    await expect(update(state, seeded("seed:2"))).rejects.toThrow(
      /release [0-9a-f]{16} is back\n {2}service seed is exited \(1\); its log ends:\n\s+no rows/,
    );
    expect(await read(state)).toEqual(state);
  });
});

describe("a release that doesn't come up", () => {
  test("is told in Docker's words where a service never ran and logged nothing", async () => {
    const state = await create(describeStack());
    guest.state.badImages["web:2"] = { health: "created", log: "" };
    await expect(update(state, describeStack({ image: "web:2" }))).rejects.toThrow(
      /service web is created; it logged nothing\n.*Error response from daemon: failed to create .*no such file/,
    );
    expect(await read(state)).toEqual(state);
  });

  test("goes, the former one comes back, and the log of the failing service is told without its secrets", async () => {
    const state = await create(describeStack({ env: { TZ: "UTC", TOKEN: "correct-horse" } }));
    guest.state.badImages["web:2"] = { health: "unhealthy", log: "starting\npanic: bad token correct-horse\n" };
    const failing = update(state, describeStack({ image: "web:2", env: { TZ: "UTC", TOKEN: "correct-horse" } }));
    await expect(failing).rejects.toThrow(
      /stack site on emby: release [0-9a-f]{16} did not come up, release [0-9a-f]{16} is back\n {2}service web is unhealthy; its log ends:\n\s+starting\n\s+panic: bad token \[secret\]/,
    );
    expect(await read(state)).toEqual(state);
    expect(container("web").image).toBe("web:1");
    expect(container("web").health).toBe("healthy");
  });

  test("tells no value of a variable that the house marks secret, whatever its name is and wherever it stands", async () => {
    const HOOK = "hook.example.org/t0ken";
    const described = (image: string) =>
      describeStack({ image, env: { TZ: "UTC", HOOK }, more: { secrets: ["HOOK"], deletable: true } });
    const state = await create(described("web:1"));
    const said = async (failing: Promise<unknown>): Promise<string> => {
      const error: unknown = await failing.catch((thrown: unknown) => thrown);
      expect((error as Error).message).not.toContain("t0ken");
      return (error as Error).message;
    };
    guest.state.missingImages.push(`${HOOK}/web:2`);
    expect(await said(update(state, described(`${HOOK}/web:2`)))).toContain("manifest for [secret]/web:2 not found");
    guest.state.badImages["web:3"] = { health: "unhealthy", log: `posting to ${HOOK}\n` };
    expect(await said(update(state, described("web:3")))).toContain("posting to [secret]");
    guest.faults.add({ match: { operation: / flock / }, times: 2, kind: "fail", stderr: `line 3: HOOK=${HOOK}` });
    expect(await said(update(state, described("web:4")))).toContain("line 3: HOOK=[secret]");
    expect(await said(lifecycle.delete("", state))).toContain("line 3: HOOK=[secret]");
  });

  test("stays to be looked at where it is the first one", async () => {
    guest.state.badImages["web:1"] = { health: "exited", log: "no\n" };
    await expect(create(describeStack())).rejects.toThrow(
      /there is no former one: it stays as it is.*\n.*service web is restarting/s,
    );
    Reflect.deleteProperty(guest.state.badImages, "web:1");
    guest.state.containers = [];
    const state = await create(describeStack());
    expect(await read(state)).toEqual(state);
  });

  test("says which package is missing where Docker came without Compose 2", async () => {
    guest.state.compose = 1;
    await expect(create(describeStack())).rejects.toThrow(
      /the guest has no Compose 2, so nothing was changed - .*docker-compose-plugin/s,
    );
    expect(guest.state.containers).toEqual([]);
    guest.state.compose = 2;
    await create(describeStack());
    expect(guest.state.containers).not.toEqual([]);
  });

  test("changes nothing where its files don't hold together, or an image can't be had", async () => {
    const state = await create(describeStack());
    const before = ids();
    guest.state.missingImages.push("web:9");
    await expect(update(state, describeStack({ image: "web:9" }))).rejects.toThrow(
      /an image can't be had, so nothing was changed:.*web:9/s,
    );
    const broken = {
      "docker-compose.yml": "services: { web: { image: 'x:${MUST:?be given}' } }\n",
      "config/web.conf": "listen 80\n",
    };
    await expect(update(state, { ...describeStack(), files: written(broken) })).rejects.toThrow(
      /its files don't hold together, so nothing was changed:.*MUST/s,
    );
    expect(ids()).toEqual(before);
    expect(await read(state)).toEqual(state);
  });

  test("is not begun while the NAS is away", async () => {
    const state = await create(describeStack());
    const failing = update(state, describeStack({ image: "web:2", more: { mounts: ["/mnt/nas"] } }));
    await expect(failing).rejects.toThrow("/mnt/nas is not the NAS: it is not mounted, so nothing was changed");
    expect(container("web").image).toBe("web:1");
  });
});

describe("a deployment", () => {
  test("that is cut off anywhere is made whole by the next run, and secrets stay where they belong", async () => {
    const steps = async (): Promise<string[]> => {
      await create(describeStack());
      return changes();
    };
    const total = (await steps()).length;
    expect(total).toBeGreaterThan(4);
    for (let nth = 1; nth <= total; nth += 1)
      for (const kind of ["cut-before", "cut-after"] as const) {
        await guest.end();
        guest = await openGuest();
        guest.state.packages.push("docker.io");
        lifecycle = composeStackLifecycle(guest.surroundings, () => root);
        guest.faults.add({ match: { operation: /^sudo -n -- (?!sh$)/, nth }, kind });
        const inputs = describeStack();
        await create(inputs).catch((error: unknown) => {
          expect((error as Error).message).toMatch(/connection (ended|was gone)/);
        });
        const state = await create(inputs);
        expect(await read(state)).toEqual(state);
        expect(guest.state.containers).toHaveLength(2);
      }
  });

  test("waits for another one of the same stack: both end, one after the other", async () => {
    const [a, b] = [describeStack(), describeStack()];
    const results = await Promise.all([create(a), create(b)]);
    expect(results[0]).toEqual(results[1]);
    expect(guest.state.containers).toHaveLength(2);
    expect(await read(a)).toEqual(a);
  });

  test("that is put right without anything new writes nothing, and needs no room on the disk", async () => {
    const state = await create(describeStack());
    Object.assign(container("web"), { status: "exited", exitCode: 137, pid: 0 });
    guest.moments.full = true;
    changes();
    await update(state, state);
    expect(changes().filter((line) => line.includes(" write "))).toEqual([]);
    expect(await read(state)).toEqual(state);
  });

  test("writes again what of its files was edited by hand, and nothing else", async () => {
    const state = await create(describeStack());
    const folder = "/opt/stacks/site/current";
    await guest.host.writeFile(`${folder}/config/web.conf`, "edited\n", { sudo: true, owner: "root:root" });
    await guest.files.own(`${folder}/.env`, { mode: 0o644 });
    changes();
    await update(state, state);
    const written = changes().flatMap((line) => / write \S+\/releases\/\w+\/(\S+)/.exec(line)?.[1] ?? []);
    expect(written.sort()).toEqual([".env", "config/web.conf"]);
    expect(await read(state)).toEqual(state);
  });

  test("waits for another program's that is under way: nothing of the two is mixed, the later one holds", async () => {
    const [first, second] = [describeStack({ image: "web:1" }), describeStack({ image: "web:2", conf: "listen 2\n" })];
    const { reached, goOn } = heldAtWeb();
    const { other, end } = otherProgram();
    try {
      describeStack({ image: "web:1" });
      const one = create(first);
      await reached;
      describeStack({ image: "web:2", conf: "listen 2\n" });
      const two = other.create(second);
      await lockAsked(2);
      const current = (): Promise<string> => hand("readlink", "--", "/opt/stacks/site/current");
      const before = await current();
      expect(await hand("cat", "--", "/opt/stacks/site/docker-compose.yml")).toContain("web:1");
      expect(guest.state.containers).toEqual([]);
      goOn();
      await Promise.allSettled([one]);
      await two;
      expect(await current()).not.toBe(before);
    } finally {
      await end();
    }
    expect(await read(second)).toEqual(second);
    expect(guest.state.containers.map(({ image }) => image).sort()).toEqual(["cache:7", "web:2"]);
  });

  test("is not told by the hash of a service that is handed variables as they are: not every Compose tells it", async () => {
    const services = {
      web: { image: "web:1", content: sha256("listen 80\n"), files: ["config/web.conf"], handsOn: true },
      cache: { image: "cache:7" },
    };
    const state = await create(describeStack({ more: { services } }));
    Object.assign(container("web").labels, { "com.docker.compose.config-hash": "x" });
    expect(await read(state)).toEqual(state);
  });

  test("that waited and doesn't come up gives way to the release that the other one left", async () => {
    const state = await create(describeStack());
    guest.state.badImages["web:9"] = { health: "unhealthy", log: "no\n" };
    const { reached, goOn } = heldAtWeb();
    const { other, end } = otherProgram();
    try {
      const one = update(state, describeStack({ image: "web:2" }));
      await reached;
      const later = describeStack({ image: "web:9" });
      const two = other.update("", state, later);
      await lockAsked(3);
      goOn();
      await Promise.allSettled([one]);
      await expect(two).rejects.toThrow(/release [0-9a-f]{16} is back/);
    } finally {
      await end();
    }
    expect(container("web").image).toBe("web:2");
  });

  test("that doesn't come up leaves what somebody who waited deployed since", async () => {
    const state = await create(describeStack());
    guest.state.badImages["web:9"] = { health: "unhealthy", log: "no\n" };
    const { reached, goOn } = heldAtWeb();
    const { other, end } = otherProgram();
    try {
      const one = update(state, describeStack({ image: "web:9" }));
      await reached;
      const later = describeStack({ image: "web:2" });
      const two = other.update("", state, later);
      await lockAsked(3);
      goOn();
      await expect(one).rejects.toThrow("did not come up, and another deployment has taken its place since");
      await two;
      expect(await read(later)).toEqual(later);
    } finally {
      await end();
    }
  });

  test("that is up stays, where only its note can't be written", async () => {
    const state = await create(describeStack());
    const note = "/opt/stacks/site/good";
    const inTheWay = async (): Promise<undefined> => {
      await hand("rm", "-f", "--", note);
      await hand("mkdir", "--", note);
    };
    guest.moments.hold({ at: /^make web$/, until: inTheWay });
    const next = describeStack({ image: "web:2" });
    await expect(update(state, next)).rejects.toThrow(/release [0-9a-f]{16} is up, and not yet noted as good: /);
    expect(container("web").image).toBe("web:2");
    await hand("rmdir", "--", note);
    const { web } = ids();
    expect(await update(state, next)).toEqual(next);
    expect(ids().web).toBe(web);
    expect(await read(next)).toEqual(next);
  });

  test("keeps releases that a container still has a folder of, and of the others the newest", async () => {
    const text = stringify({
      name: "site",
      services: { web: { image: "web:1", volumes: ["./config:/etc/web:ro"] }, cache: { image: "cache:7" } },
    });
    const numbered = (number: number): ComposeStackInputs => ({
      ...describeStack({ env: { NUMBER: String(number) } }),
      files: written({ "docker-compose.yml": text, "config/web.conf": "listen 80\n" }),
      services: { web: { image: "web:1", state: "up" }, cache: { image: "cache:7", state: "up" } },
    });
    const first = await create(numbered(0));
    const [mounted] = (await hand("ls", "-A", "--", "/opt/stacks/site/releases")).trim().split("\n");
    for (const number of [1, 2, 3, 4, 5, 6, 7]) await update(first, numbered(number));
    const releases = (await hand("ls", "-A", "--", "/opt/stacks/site/releases")).trim().split("\n");
    expect(releases).toContain(mounted);
    // The current one, the one before it, three, and that of the folder.
    expect(releases).toHaveLength(6);
  });

  test("on a full disk says so, and leaves the stack as it was", async () => {
    const state = await create(describeStack());
    guest.faults.add({ match: { operation: /releases.*web\.conf/ }, kind: "fail", stderr: "No space left on device" });
    await expect(update(state, describeStack({ conf: "listen 1\n" }))).rejects.toThrow("No space left on device");
    expect(await read(state)).toEqual(state);
  });
});

describe("a stack that was set up by hand", () => {
  const byHand = async (): Promise<ComposeStackInputs> => {
    const inputs = describeStack();
    const plain = {
      ...inputs,
      services: { web: { image: "web:1", state: "up" as const }, cache: inputs.services.cache ?? { image: "" } },
    };
    await hand("mkdir", "-p", "/opt/stacks/site");
    const compose = stringify({
      name: "site",
      services: { web: { image: "web:1", healthcheck: { test: ["CMD", "true"] } }, cache: { image: "cache:7" } },
    });
    const files = written({ "docker-compose.yml": compose });
    await guest.host.writeFile("/opt/stacks/site/docker-compose.yml", compose, { sudo: true });
    await guest.host.writeFile("/opt/stacks/site/.env", "TZ=UTC\n", { sudo: true, mode: 0o600 });
    await hand("env", "-C", "/opt/stacks/site", "docker", "compose", "--project-name", "site", "up", "--detach");
    return checked({ ...plain, files });
  };

  test("is taken over without a write, and stays what it is", async () => {
    const inputs = await byHand();
    const before = ids();
    changes();
    guest.adopting = "matching";
    expect(await create(inputs)).toEqual(inputs);
    guest.adopting = undefined;
    await update(inputs, inputs);
    expect(changes()).toEqual([]);
    expect(ids()).toEqual(before);
  });

  const withFile = async (): Promise<ComposeStackInputs> => {
    const compose = stringify({
      name: "site",
      services: { web: { image: "web:1", volumes: ["./web.conf:/etc/web.conf:ro"] }, cache: { image: "cache:7" } },
    });
    const conf = "listen 80\n";
    const inputs = checked({
      ...describeStack(),
      files: written({ "docker-compose.yml": compose, "web.conf": conf }),
      services: { web: { image: "web:1", content: sha256(conf) }, cache: { image: "cache:7" } },
    });
    await hand("mkdir", "-p", "/opt/stacks/site");
    for (const path of Object.keys(inputs.files))
      await guest.host.writeFile(`/opt/stacks/site/${path}`, readFileSync(join(root, inputs.source, path)), {
        sudo: true,
      });
    await guest.host.writeFile("/opt/stacks/site/.env", "TZ=UTC\n", { sudo: true, mode: 0o600 });
    await hand("env", "-C", "/opt/stacks/site", "docker", "compose", "--project-name", "site", "up", "--detach");
    return inputs;
  };

  test("with files that it mounts is taken over as well: its containers were made after them", async () => {
    const inputs = await withFile();
    const before = ids();
    changes();
    guest.adopting = "matching";
    expect(await create(inputs)).toEqual(inputs);
    guest.adopting = undefined;
    expect(await read(inputs)).toEqual(inputs);
    await update(inputs, inputs);
    expect(changes()).toEqual([]);
    expect(ids()).toEqual(before);
  });

  test("with a file that changed under its container differs, and the container is made anew by the next up", async () => {
    const inputs = await withFile();
    const path = "/opt/stacks/site/web.conf";
    const text = await hand("cat", "--", path);
    await guest.host.writeFile(path, "listen 8080\n", { sudo: true });
    await guest.host.writeFile(path, text, { sudo: true });
    guest.adopting = "matching";
    await expect(create(inputs)).rejects.toThrow(/not taken over - services\.web\.content: is missing, wanted "\w+"$/);
    guest.adopting = "differing";
    const { outs: state } = await lifecycle.create(inputs);
    guest.adopting = undefined;
    const before = ids();
    await update(state, inputs);
    expect(await read(inputs)).toEqual(inputs);
    expect(ids().web).not.toBe(before.web);
    expect(ids().cache).toBe(before.cache);
  });

  test("comes back as it was where the first release of the house doesn't come up", async () => {
    const inputs = await byHand();
    guest.state.badImages["web:2"] = { health: "unhealthy", log: "no\n" };
    const compose = stringify({
      name: "site",
      services: { web: { image: "web:2", healthcheck: { test: ["CMD", "true"] } }, cache: { image: "cache:7" } },
    });
    const next = checked({
      ...inputs,
      files: written({ "docker-compose.yml": compose }),
      services: { web: { image: "web:2" }, cache: { image: "cache:7" } },
    });
    await expect(update(inputs, next)).rejects.toThrow("what was there before is back");
    expect(container("web").image).toBe("web:1");
    expect(await hand("cat", "--", "/opt/stacks/site/docker-compose.yml")).toContain("web:1");
  });

  const bad = (inputs: ComposeStackInputs): ComposeStackInputs => {
    guest.state.badImages["web:2"] = { health: "unhealthy", log: "no\n" };
    const services = { web: { image: "web:2", healthcheck: { test: ["CMD", "true"] } }, cache: { image: "cache:7" } };
    return checked({
      ...inputs,
      files: written({ "docker-compose.yml": stringify({ name: "site", services }) }),
      services: { web: { image: "web:2" }, cache: { image: "cache:7" } },
    });
  };

  test("comes back as often as a release of the house doesn't come up", async () => {
    const next = bad(await byHand());
    await expect(create(next)).rejects.toThrow("what was there before is back");
    await expect(create(next)).rejects.toThrow("what was there before is back");
    expect(container("web").image).toBe("web:1");
  });

  test("comes back where the first run was cut off after its files had been put aside", async () => {
    const next = bad(await byHand());
    guest.moments.hold({ at: /^take web away$/, until: () => Promise.reject(new Error("cut")) });
    await create(next).catch(() => undefined);
    guest.moments.clear();
    await expect(create(next)).rejects.toThrow("what was there before is back");
    expect(container("web").image).toBe("web:1");
  });

  test("comes back in its own folder where that is another one, as often as it has to", async () => {
    const inputs = await byHand();
    const own = "/home/evan/site";
    await hand("mkdir", "-p", own);
    await guest.host.writeFile(`${own}/docker-compose.yml`, await hand("cat", "--", "/opt/stacks/site/docker-compose.yml"), { sudo: true }); // prettier-ignore
    await hand("rm", "-rf", "--", "/opt/stacks/site");
    guest.state.containers = [];
    await hand("env", "-C", own, "docker", "compose", "--project-name", "site", "up", "--detach");
    const folder = (): string | undefined => container("web").labels["com.docker.compose.project.working_dir"];
    const next = bad(inputs);
    for (const time of ["first", "second"]) {
      await expect(create(next)).rejects.toThrow("what was there before is back");
      expect([time, container("web").image, container("web").health, folder()]).toEqual([
        time,
        "web:1",
        "healthy",
        own,
      ]);
    }
    await hand("rm", "-rf", "--", own);
    await expect(create(next)).rejects.toThrow("there is no former one");
  });

  test("is not deployed over a folder with data of its own", async () => {
    await hand("mkdir", "-p", "/opt/stacks/site/config");
    await expect(create(describeStack())).rejects.toThrow(
      /\/opt\/stacks\/site\/config is a folder on the guest.*nothing was changed/s,
    );
    expect(guest.state.containers).toEqual([]);
  });
});

test("a stack goes only when the house said so before; its files stay", async () => {
  const state = await create(describeStack());
  await expect(lifecycle.delete("", state)).rejects.toThrow(/deletable: true and run up/);
  await lifecycle.delete("", { ...state, deletable: true });
  expect(guest.state.containers).toEqual([]);
  expect(await hand("ls", "-A", "--", "/opt/stacks/site")).toContain("docker-compose.yml");
});

test("its volumes go with it only where the house said that, too", async () => {
  for (const deleteVolumes of [undefined, true]) {
    const state = await create(describeStack({ volume: "data", more: { deletable: true, deleteVolumes } }));
    await lifecycle.delete("", state);
    expect(guest.state.containers).toEqual([]);
    expect(Object.keys(guest.state.volumes ?? {})).toEqual(deleteVolumes === true ? [] : ["site_data"]);
  }
});

test("a stack goes by its name, also where somebody removed its folder", async () => {
  const state = await create(describeStack({ more: { deletable: true } }));
  await hand("rm", "-rf", "--", "/opt/stacks/site");
  await lifecycle.delete("", state);
  expect(guest.state.containers).toEqual([]);
});

test("a Docker that hangs is told in time", async () => {
  const state = await create(describeStack());
  guest.state.daemon.hangs = true;
  await expect(read(state)).rejects.toThrow("Docker doesn't answer: it said nothing for 45 s");
  guest.state.daemon.hangs = false;
  expect(await read(state)).toEqual(state);
});

test("a pull that hangs is ended on the guest, and holds no lock from then on", async () => {
  guest.state.daemon.hangsAt = "pull";
  await expect(create(describeStack())).rejects.toThrow(
    "an image can't be had, so nothing was changed: docker compose was not through after 1800 s, and was ended",
  );
  guest.state.daemon.hangsAt = undefined;
  const state = await create(describeStack());
  expect(await read(state)).toEqual(state);
});

test("a look at ten stacks is a handful of commands", async () => {
  const state = await create(describeStack());
  guest.sent();
  containers.forget(guest.host);
  await Promise.all(Array.from({ length: 10 }, () => lifecycle.read("", state)));
  expect(guest.sent().length).toBeLessThanOrEqual(4);
});

describe("the check of a stack", () => {
  const ZEROS = "0".repeat(64);
  const failures = (change: object, olds: object = {}): string[] =>
    checkComposeStack(olds, { ...describeStack(), ...change }).failures.map(({ property }) => property);

  test.each([
    ["a project's name", { project: "Site" }, "project"],
    ["a compose file that doesn't go there", { compose: ["other.yml"] }, "compose.0"],
    ["a file outside of its folder", { files: { "../x": "0".repeat(64) } }, "files.../x"],
    [
      "a name of the deployment's own",
      { files: { "docker-compose.yml": ZEROS, "config/web.conf": ZEROS, current: ZEROS } },
      "files.current",
    ],
    ["a variable of Compose's own", { env: { COMPOSE_FILE: "x" } }, "env.COMPOSE_FILE"],
    ["a variable of the log-in's", { env: { LC_ALL: "x" } }, "env.LC_ALL"],
    ["a relative folder", { directory: "stacks" }, "directory"],
    ["a stack without services", { services: {} }, "services"],
    [
      "a mounted file that doesn't go there",
      { services: { web: { image: "web:1", files: ["motd"] } } },
      "services.web.files",
    ],
  ])("refuses %s", (_, change, property) => {
    expect(failures(change)).toEqual([property]);
  });

  test("refuses another folder for data that is there", () => {
    expect(failures({ directory: "/srv/site" }, describeStack())).toEqual(["directory"]);
  });
});
