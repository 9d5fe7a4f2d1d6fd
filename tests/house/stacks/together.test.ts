/** The stacks of a house against one another and against the house: which it has, and what is wrong with the choice. */
import { parseHouse } from "../../../house/house";
import type { Sections } from "../../../house/load";
import { merge } from "../../../house/merge";
import type { StackFolder } from "../../../house/stacks/folder";
import { stackWarnings } from "../../../house/stacks/together";
import { formatProblem } from "../../../values/problem";
import { small } from "../support";
import { edited, folder, folders, renamed, type Change } from "./support";

const NAS = { address: "10.0.0.3", export: "/volume1/house", library: { media: ["movies"], downloads: [] } };

const onWeb = (services: readonly unknown[], more: Sections = {}): Sections =>
  merge(small({ nas: NAS, vms: { web: { services } } }), more);

function parsed(sections: Sections, ...all: readonly StackFolder[]) {
  return parseHouse({ sections, folders: folders(...(all.length > 0 ? all : [folder()])) });
}

function said(sections: Sections, ...all: readonly StackFolder[]): string[] {
  const result = parsed(sections, ...all);
  return "problems" in result ? result.problems.map(formatProblem) : [];
}

const VARIANT = folder({ "docker-compose.tiny.yml": edited(["films:1.2.3", "films-tiny:1.2.3"]) });

test("a VM has its stacks, in their order and variant", () => {
  const other = renamed("other", ["7878 }", "7979 }"], ['"7878:80"', '"7979:80"']);
  const result = parsed(onWeb([{ films: "tiny" }, "other"]), VARIANT, other);
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  const { web = [] } = result.stacks;
  expect(web.map(({ name, variant, file }) => [name, variant, file])).toEqual([
    ["films", "tiny", "docker-compose.tiny.yml"],
    ["other", undefined, "docker-compose.yml"],
  ]);
  expect(web[0]?.services.films?.image.name).toBe("example.org/films-tiny");
});

test("without folders nothing is said of stacks", () => {
  const result = parseHouse({ sections: onWeb(["nobody-knows"]) });
  expect(result).toMatchObject({ stacks: {} });
});

const NEEDS = (name: string, needs: string, port: string) =>
  renamed(name, ["7878 }", `${port} }\n  needs: [${needs}]`], ['"7878:80"', `"${port}:80"`]);

const ON_HOST = (ports: string, ...changes: readonly Change[]): StackFolder =>
  renamed(
    "other",
    ['    ports:\n      - "7878:80"\n', "    network_mode: host\n"],
    ["  backup:", `  ports: ${ports}\n  backup:`],
    ...changes,
  );

const LIMITED = (name: string, limit: string, ...changes: readonly Change[]): StackFolder =>
  renamed(name, ["    restart:", `    ${limit}\n    restart:`], ...changes);

test.each<[string, Sections, readonly StackFolder[], string]>([
  [
    "a stack that there isn't",
    onWeb(["flims"]),
    [],
    "vms.web.services.0: flims: is no folder of stacks/ - add stacks/flims/, or correct the name: did you mean films?",
  ],
  [
    "a variant that there isn't",
    onWeb([{ films: "tyni" }]),
    [VARIANT],
    "vms.web.services.0: tyni: is no variant of films - add stacks/films/docker-compose.tyni.yml, or correct it: did you mean tiny?",
  ],
  [
    "one port twice on a VM",
    onWeb(["films", "other"]),
    [folder(), renamed("other")],
    "vms.web.services: 7878/tcp: is taken twice: by films of films and by films of other - publish one of them on another port, or move it to another VM",
  ],
  [
    "a port that is taken on the host's network",
    onWeb(["films", "other"]),
    [folder(), ON_HOST("[]")],
    "vms.web.services: 7878/tcp: is taken twice: by films of films and by films of other - publish one of them on another port, or move it to another VM",
  ],
  [
    "a port that a container on the host's network takes besides",
    onWeb(["films", "other"]),
    [folder(), ON_HOST('["8920", "7878"]', ["films: { port: 7878 }", "films: { port: 80 }"])],
    "vms.web.services: 7878/tcp: is taken twice: by films of films and by other - publish one of them on another port, or move it to another VM",
  ],
  [
    "a limit that is none",
    onWeb(["films"], { settings: { films: { STATE: "much" } } }),
    [LIMITED("films", "mem_limit: ${STATE}")],
    "vms.web.services: much: is no size of memory: films of films is limited by it - write it as 512m or 2g",
  ],
  [
    "a library without a NAS",
    small({ vms: { web: { services: ["films"] } } }),
    [],
    "vms.web.services: films: mounts the library, and the house has no NAS - give the section nas, or leave it out",
  ],
  [
    "a folder that the library hasn't got",
    merge(onWeb(["films"]), { nas: { library: { media: ["movies"] } } }),
    [folder({ "docker-compose.yml": edited(["/media\n", "/media/music\n"], ["data/media", "data/media/music"]) })],
    "vms.web.services: films: mounts /media/music of the library, which nas.library doesn't have - add the folder there, or correct the stack's mount",
  ],
  [
    "needs in a circle",
    onWeb(["a", "b"]),
    [NEEDS("a", "b", "81"), NEEDS("b", "a", "82")],
    "stacks/a/docker-compose.yml: x-infinity.needs: go round in a circle: a, b, a - end it somewhere",
  ],
  [
    "a broken stack",
    onWeb(["films"]),
    [folder({ "docker-compose.yml": edited(["    restart: unless-stopped\n", ""]) })],
    "stacks/films/docker-compose.yml: services.films.restart: it stays down when the VM boots - set restart: unless-stopped",
  ],
  [
    "a setting of no stack",
    onWeb(["films"], { settings: { flims: { STATE: "/x" } } }),
    [],
    "settings.flims: no VM runs a stack of that name - correct it, or take it out",
  ],
  [
    "a setting of no variable",
    onWeb(["films"], { settings: { films: { SATTE: "/x" } } }),
    [],
    "settings.films.SATTE: the stack has no such variable - correct it: its .env.example has their names",
  ],
  [
    "a setting of another VM",
    onWeb(["films"], { settings: { films: { STATE: { wbe: "/x" } } } }),
    [],
    "settings.films.STATE.wbe: is no VM that runs films - correct it, or take it out",
  ],
  [
    "a secret among the settings",
    onWeb(["films"], { settings: { films: { API_KEY: "hunter2" } } }),
    [],
    "settings.films.API_KEY: is a secret, which must not stand in clear - set it under secrets, encrypted",
  ],
  [
    "a setting among the secrets",
    onWeb(["films"], { secrets: { films: { STATE: { secure: "v1:..." } } } }),
    [],
    "secrets.films.STATE: is no secret - set it under settings",
  ],
  [
    "a setting of several lines",
    onWeb(["films"], { settings: { films: { STATE: "/x\nEVIL=1" } } }),
    [],
    "settings.films.STATE: /x\nEVIL=1: has several lines - a variable has one",
  ],
])("refused: %s", (_, sections, all, problem) => {
  expect(said(sections, ...all)).toEqual([problem]);
});

test("a problem of a stack on two VMs is said once", () => {
  const twice = merge(onWeb(["films"]), { vms: { two: { vmid: 101, services: ["films"] } } });
  expect(said(twice, folder({ "docker-compose.yml": edited(["    restart: unless-stopped\n", ""]) }))).toHaveLength(1);
});

test("one port on two VMs is none twice", () => {
  const twice = merge(onWeb(["films"]), { vms: { two: { vmid: 101, services: ["films"] } } });
  expect(said(twice)).toEqual([]);
});

test("a need that no VM has is a warning: a house may do without", () => {
  const result = parsed(onWeb(["a"]), NEEDS("a", "prowlarr", "81"));
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  expect(stackWarnings(result.house, result.stacks)).toEqual(["vms.web.services: a needs prowlarr, which no VM has"]);
});

test("a database that the house's own settings put on the NAS is a warning: it may have been there for years", () => {
  const result = parsed(onWeb(["films"], { settings: { films: { STATE: "/mnt/nas/configs/films" } } }));
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  expect(stackWarnings(result.house, result.stacks)).toEqual([
    "settings.films: /mnt/nas/configs/films/config/films.db is a database on a network share: its locks may not hold there",
  ]);
});

describe("what is exposed", () => {
  const newt = folder(
    {
      "docker-compose.yml": edited(["name: films", "name: newt"], ["  web:\n    films: { port: 7878 }\n", ""]).replace(
        '    ports:\n      - "7878:80"\n',
        "",
      ),
    },
    "newt",
  );
  const exposing = (web: string, more: Sections = {}) =>
    onWeb(
      ["films", "newt"],
      merge({ domain: "example.org", tunnel: { server: "198.51.100.1", endpoint: "way", exposed: { a: web } } }, more),
    );

  test("is a web interface by its name, whatever its stack is called", () => {
    const torrents = renamed("downloads", ["    films: { port", "    torrents: { service: films, port"]);
    const sections = merge(exposing("torrents"), { vms: { web: { services: ["downloads", "newt"] } } });
    expect(said(sections, torrents, newt)).toEqual([]);
    expect(said(merge(sections, { tunnel: { exposed: { a: "downloads" } } }), torrents, newt)).toEqual([
      "tunnel.exposed.a: downloads: is no service of any VM - correct it, or add it to a VM's services",
    ]);
  });

  test("is none that its stack keeps inside", () => {
    const kept = folder({ "docker-compose.yml": edited(["port: 7878 }", "port: 7878, exposed: never }"]) });
    expect(said(exposing("films"), kept, newt)).toEqual([
      "tunnel.exposed.a: films: must not be reached from outside - its stack says why; take it out",
    ]);
  });

  test("is on one VM", () => {
    const sections = exposing("films", { vms: { two: { vmid: 101, services: ["films"] } } });
    expect(said(sections, folder(), newt)).toEqual([
      "tunnel.exposed.a: films: is on several VMs: web, two - expose one that is on one VM",
    ]);
  });
});

test.each<[string, Sections, string[]]>([
  ["keeps less than its containers may take", { memory: "4GiB", balloon: "1GiB" }, ["balloon: it keeps 1GiB"]],
  ["keeps as much", { memory: "4GiB", balloon: "3GiB" }, []],
  ["has no balloon", { memory: "4GiB", balloon: "0MiB" }, []],
  ["is less", { memory: "2GiB" }, ["memory: it keeps 2GiB"]],
  ["is less, without a balloon", { memory: "2GiB", balloon: "0MiB" }, ["memory: it keeps 2GiB"]],
  ["is not known", {}, []],
])("a VM's memory that %s", (_, web, warned) => {
  const other = LIMITED("other", "tmpfs: [/tmp:size=1024m]", ["7878 }", "7979 }"], ['"7878:80"', '"7979:80"']);
  // What is in a tmpfs counts as its container's, which is limited already.
  const films = LIMITED("films", "mem_limit: 2g\n    tmpfs: [/tmp:size=9g]");
  const result = parsed(onWeb(["films", "other"], { vms: { web } }), films, other);
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  const take = "and its containers may take 3GiB (films of films 2g, films of other 1024m)";
  expect(stackWarnings(result.house, result.stacks)).toEqual(
    warned.map((text) => `vms.web.${text}, ${take}: give it more, or lower their limits`),
  );
});

test.each([
  ["mem_limit: 1.5g", "2GiB"],
  ["mem_limit: 2GiB", "2GiB"],
  ["tmpfs: ['/tmp:size=50%']", "1GiB"],
])("a size as Docker and the kernel take it is one: %s", (limit, memory) => {
  const result = parsed(onWeb(["films"], { vms: { web: { memory } } }), LIMITED("films", limit));
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  expect(stackWarnings(result.house, result.stacks)).toEqual([]);
});
