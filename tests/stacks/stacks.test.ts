/**
 * Every stack that the project brings along: keeps its rules, is Compose by Compose's own schema and by dclint, and runs
 * where the house has it. A new folder in stacks/ is looked at without a word here.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ownSpec, stackFolders } from "../../components/stackFolders";
import { parseHouse } from "../../house/house";
import { composeFile, variantsOf } from "../../house/stacks/folder";
import { parseStack } from "../../house/stacks/parse";
import type { Stack } from "../../house/stacks/stack";
import { stackWarnings } from "../../house/stacks/together";
import { formatProblem } from "../../values/problem";
import { stackSections } from "../house/support";
import { projectRoot } from "../support/shared";
import { isBrought } from "./brought";

const folders = stackFolders(join(projectRoot, "stacks"));

/** Every stack in each of its variants. */
const ALL = folders.names.flatMap((name) => {
  const folder = folders.read(name);
  return folder ? [undefined, ...variantsOf(folder)].map((variant) => ({ folder, variant })) : [];
});
const EACH = ALL.map(({ folder, variant }) => [`${folder.name}/${composeFile(variant)}`, folder, variant] as const);

const Report = z.array(
  z.object({ filePath: z.string(), messages: z.array(z.object({ rule: z.string(), message: z.string() })) }),
);

/** What dclint says of files, by path; Compose's own schema included. */
function lint(path: string): Record<string, string[]> {
  const args = ["node_modules/dclint/bin/dclint.cjs", "-r", path, "-c", ".dclintrc.yaml", "-f", "json"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: projectRoot, encoding: "utf8" });
  if (stdout === "") throw new Error(`dclint said nothing of ${path}: ${stderr}`);
  const found = Report.parse(JSON.parse(stdout)).map(({ filePath, messages }) => [
    relative(resolve(projectRoot, path), filePath),
    messages.map(({ rule, message }) => `${rule}: ${message}`),
  ]);
  return Object.fromEntries(found) as Record<string, string[]>;
}

function one(name: string, variant?: string): Stack {
  const folder = folders.read(name);
  const parsed = folder && parseStack(folder, variant);
  if (parsed && "stack" in parsed) return parsed.stack;
  throw new Error(`${name}: ${parsed ? parsed.problems.map(formatProblem).join("\n") : "is missing"}`);
}

test("there are all that the project brings along, in every variant", () => {
  expect(ALL.filter(({ folder }) => isBrought(folder.name))).toHaveLength(22);
});

test.each(EACH)("%s keeps every rule", (_, folder, variant) => {
  const parsed = parseStack(folder, variant, ownSpec());
  expect("problems" in parsed ? parsed.problems.map(formatProblem) : []).toEqual([]);
});

test("each is Compose by its own schema, and by dclint", () => {
  expect(lint("stacks")).toEqual(Object.fromEntries(EACH.map(([path]) => [path, []])));
});

test("dclint and the schema are asked for real: broken files are refused by both", () => {
  const dir = mkdtempSync(join(tmpdir(), "compose-"));
  try {
    const start = "name: x\nservices:\n  x:\n";
    writeFileSync(join(dir, "docker-compose.a.yml"), `${start}    image: x:1.2\n    restrat: always\n`);
    writeFileSync(join(dir, "docker-compose.b.yml"), `${start}    image: x\n    ports:\n      - 80:80\n`);
    const { "docker-compose.a.yml": schema = [], "docker-compose.b.yml": rules = [] } = lint(dir);
    expect(schema.join()).toMatch(/^invalid-schema: .*must NOT have additional properties/);
    expect(rules.map((said) => said.split(":")[0])).toEqual([
      "require-quotes-in-ports",
      "service-image-require-explicit-tag",
    ]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

/** What ran in the house before it was described, by VM, as the containers are called now. */
test.each<[string, string]>([
  ["emby", "emby newt portainer watchtower"],
  ["downloads", "vpn deluge nzbget portainer watchtower"],
  ["arr", "radarr sonarr lidarr prowlarr seerr flaresolverr newt portainer watchtower"],
  [
    "misc",
    "vaultwarden paperless database cache gotenberg tika server machine-learning linkwarden search navidrome audiobookshelf homepage newt portainer watchtower",
  ],
])("%s runs all that it ran before", (vm, names) => {
  const parsed = parseHouse({ sections: stackSections("prod"), folders });
  const running = "stacks" in parsed ? (parsed.stacks[vm] ?? []) : [];
  const containers = running.filter(({ name }) => isBrought(name)).flatMap(({ services }) => Object.keys(services));
  expect([...new Set(containers)].sort()).toEqual(names.split(" ").sort());
});

describe.each(["prod", "lab"])("%s", (name) => {
  const parsed = parseHouse({ sections: stackSections(name), folders });

  test("holds together with its stacks, and lacks none", () => {
    if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
    expect(stackWarnings(parsed.house, parsed.stacks)).toEqual([]);
    const all = Object.values(parsed.stacks).flat();
    expect(all.filter((stack) => isBrought(stack.name))).toHaveLength(26);
  });
});

test("a line selects a variant: nothing runs twice on a port then, and the settings of the others may stay", () => {
  const sections = stackSections("prod") as { vms: Record<string, { services?: unknown[] }>; settings?: object };
  const settings = {
    ...sections.settings,
    vpn: { VPN_COUNTRY: "Sweden", VPN_ENDPOINT: "203.0.113.7" },
    emby: { RENDER_GID: "104" },
  };
  const change = (from: string, to: unknown) =>
    Object.fromEntries(
      Object.entries(sections.vms).map(([vm, one]) => [
        vm,
        { ...one, services: one.services?.map((service) => (service === from ? to : service)) ?? [] },
      ]),
    );
  const variants = { vpn: "nordlynx", seerr: "jellyseerr", emby: "gpu" };
  for (const vms of [sections.vms, ...Object.entries(variants).map(([name, one]) => change(name, { [name]: one }))]) {
    const parsed = parseHouse({ sections: { ...sections, settings, vms }, folders });
    expect("problems" in parsed ? parsed.problems.map(formatProblem) : []).toEqual([]);
  }
});

test("a variant changes what it is about: the clients of both VPNs are the same", () => {
  const [gluetun, nordlynx] = [one("vpn"), one("vpn", "nordlynx")];
  expect(gluetun.services.vpn).not.toEqual(nordlynx.services.vpn);
  expect({ deluge: gluetun.services.deluge, nzbget: gluetun.services.nzbget }).toEqual({
    deluge: nordlynx.services.deluge,
    nzbget: nordlynx.services.nzbget,
  });
});

test("clients and arrs see the same file at the same path, in one mount each", () => {
  const library = (stack: Stack, name: string) =>
    stack.services[name]?.mounts.filter(({ target, kind }) => kind === "path" && target.startsWith("/data"));
  const wanted = [{ kind: "path", source: "${LIBRARY:?}", target: "/data", readOnly: false, createsSource: false }];
  expect(library(one("vpn"), "deluge")).toEqual(wanted);
  expect(library(one("vpn"), "nzbget")).toEqual(wanted);
  for (const arr of ["radarr", "sonarr", "lidarr"]) expect(library(one(arr), arr)).toEqual(wanted);
});

const Checked = z.looseObject({ healthcheck: z.looseObject({ start_period: z.string() }) });

test.each(EACH)("%s: a health check is as patient as its wait", (_, folder, variant) => {
  const { wait, file, files } = one(folder.name, variant);
  const { services } = z
    .looseObject({ services: z.record(z.string(), Checked) })
    .parse(parse(files[file] ?? "", { merge: true }));
  const patience = Object.values(services).map(({ healthcheck: { start_period: text } }) => {
    const [, number = "", unit] = /^(\d+)([sm])$/.exec(text) ?? [];
    return Number(number) * (unit === "m" ? 60 : 1);
  });
  // Compose gives up on one whose check failed for longer than that, however long it was told to wait.
  if (wait === undefined) expect(Math.max(...patience)).toBeLessThan(300);
  else expect(Math.max(...patience)).toBe(wait);
});

const Database = z.looseObject({
  environment: z.record(z.string(), z.string()),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
});

test.each(["immich", "linkwarden", "paperless-ngx"])(
  "%s takes over a database of any name: all of it asks by the same",
  (name) => {
    const { services, variables, file, files } = one(name);
    const { database } = z
      .looseObject({ services: z.looseObject({ database: Database }) })
      .parse(parse(files[file] ?? "", { merge: true })).services;
    const [user, own] = ["${DB_USER:?}", "${DB_NAME:?}"];
    expect(database.environment).toMatchObject({ POSTGRES_USER: user, POSTGRES_DB: own });
    expect(database.healthcheck.test).toEqual(["CMD", "pg_isready", "-U", user, "-d", own]);
    const others = Object.entries(services).filter(([service]) => service !== "database");
    const asking = others.filter(([, { dependsOn }]) => dependsOn.database !== undefined);
    expect(asking).toHaveLength(1);
    const texts = Object.values(asking[0]?.[1].environment ?? {}).join(" ");
    expect([texts.includes(user), texts.includes(own)]).toEqual([true, true]);
    const given = Object.fromEntries(
      variables.map(({ name: variable, source, example }) => [variable, [source.kind, example]]),
    );
    const before = name.replace("-ngx", "");
    expect(given).toMatchObject({ DB_USER: ["setting", before], DB_NAME: ["setting", before] });
  },
);

test.each(["radarr", "sonarr", "lidarr", "prowlarr"])(
  "%s asks for its first user, and nobody gets in without one then",
  (arr) => {
    const { environment } = one(arr).services[arr] ?? {};
    const auth = (word: string) => environment?.[`${arr.toUpperCase()}__AUTH__${word}`];
    // Absent unless the house says it: with a method given, there is no dialogue that makes a user.
    expect(auth("METHOD")).toBeNull();
    expect(auth("REQUIRED")).toBe("Enabled");
  },
);

test("Emby's ports on the host's network are known, and what its films take in memory is the house's word", () => {
  const emby = one("emby");
  expect(emby.ports).toEqual(["8920", "1900/udp", "7359/udp"]);
  const transcoding = emby.services.emby?.mounts.filter(({ kind }) => kind === "tmpfs");
  expect(transcoding).toEqual([
    { kind: "tmpfs", target: "/config/transcoding-temp", readOnly: false, size: "${TRANSCODE_SIZE:?}" },
  ]);
});

test("huntarr is in no house, has no tag, and no way outside", () => {
  const { services, web } = one("huntarr");
  expect(services.huntarr?.image).toMatchObject({ digest: "${HUNTARR_DIGEST:?}" });
  expect(services.huntarr?.image).not.toHaveProperty("tag");
  expect(web.huntarr?.exposed).toBe("never");
  const { vms } = stackSections("prod") as { vms: Record<string, { services?: unknown[] }> };
  expect(Object.values(vms).flatMap(({ services: names = [] }) => names)).not.toContain("huntarr");
});
