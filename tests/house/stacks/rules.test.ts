/** Each rule of a stack: the pattern keeps it, and one change breaks it and nothing else. */
import { EXAMPLE, edited, folder, said, type Change } from "./support";

const FILE = "stacks/films/docker-compose.yml";

const compose = (...changes: readonly Change[]) => folder({ "docker-compose.yml": edited(...changes) });
const example = (from: string, to: string) => folder({ ".env.example": EXAMPLE.replace(from, to) });

const IMAGE = "image: example.org/films:1.2.3";
const SECOND = `    logging: { driver: local, options: { max-size: 10m } }
  vpn:
    image: example.org/vpn:1.2.3
    restart: always
    healthcheck: { test: ["CMD", "true"] }
    labels: { com.centurylinklabs.watchtower.enable: "false" }
    logging: { driver: local, options: { max-size: 10m } }
`;
const LAST = "    logging: { driver: local, options: { max-size: 10m } }\n";
const inVpn = (depends: string, ports = ""): Change[] => [
  ['    ports:\n      - "7878:80"\n', ports],
  ["    environment:", `    network_mode: service:vpn\n    depends_on: ${depends}\n    environment:`],
  [LAST, SECOND.replace("    restart: always", '    restart: always\n    ports: ["7878:80"]')],
];

test("the pattern keeps all of them", () => {
  expect(said(folder())).toEqual([]);
});

test("a container in another one's network keeps them too", () => {
  expect(said(compose(...inVpn("{ vpn: { condition: service_healthy, restart: true } }")))).toEqual([]);
});

test.each<[string, readonly Change[], string]>([
  [
    "no version",
    [[IMAGE, "image: example.org/films"]],
    "services.films.image: example.org/films: names no version: it means latest - name the version: image:1.2.3, or image@sha256:...",
  ],
  ...["latest", "release", "stable-alpine", "v3", "17"].map((tag): [string, readonly Change[], string] => [
    `the moving tag ${tag}`,
    [[IMAGE, `image: example.org:5000/films:${tag}`]],
    `services.films.image: example.org:5000/films:${tag}: is a tag that moves on: two deploys get two images - name the version: image:1.2.3, or image@sha256:...`,
  ]),
  ["no image", [[IMAGE, "init: true"]], "services.films.image: has no image - name one, with its version"],
  [
    "no restart policy",
    [["    restart: unless-stopped\n", ""]],
    "services.films.restart: it stays down when the VM boots - set restart: unless-stopped",
  ],
  [
    "a restart policy that gives up",
    [["unless-stopped", '"no"']],
    "services.films.restart: no: it stays down when the VM boots - set restart: unless-stopped",
  ],
  [
    "no health check",
    [['    healthcheck:\n      test: ["CMD", "true"]\n', ""]],
    "services.films.healthcheck: nobody would know whether it works: running counts as healthy without one - give a test that fails when it doesn't work",
  ],
  [
    "a health check turned off",
    [['      test: ["CMD", "true"]', "      disable: true"]],
    "services.films.healthcheck: nobody would know whether it works: running counts as healthy without one - give a test that fails when it doesn't work",
  ],
  [
    "a log without limit",
    [["options: { max-size: 10m }", "options: {}"]],
    "services.films.logging: local: its log grows until the disk is full - set logging: { driver: local, options: { max-size: 10m, max-file: 3 } }",
  ],
  [
    "a critical container left to an updater",
    [['labels: { com.centurylinklabs.watchtower.enable: "false" }', "labels: {}"]],
    'services.films.labels: belongs to a critical stack, and an updater that runs unattended may replace it - label it com.centurylinklabs.watchtower.enable: "false"',
  ],
  [
    "memory as a disk without a size",
    [["    restart:", "    tmpfs: [/tmp]\n    restart:"]],
    "services.films.tmpfs: /tmp: has no size: it may take half of the VM's memory - write /tmp:size=64m, or give the container a mem_limit",
  ],
  [
    "the host's network without its ports",
    [['    ports:\n      - "7878:80"\n', "    network_mode: host\n"]],
    'services.films.network_mode: host: takes ports of the VM that nobody sees: another stack may want them - list those beside its web interfaces under x-infinity.ports: ["1900/udp"], or [] where there are none',
  ],
  [
    "ports of a host's network that nothing is on",
    [["  backup:", '  ports: ["8920"]\n  backup:']],
    "x-infinity.ports: 8920: no container is on the host's network - take it out: ports are published",
  ],
  [
    "a port without a fixed number",
    [
      ["- ./motd", "- ./motd"],
      ['"7878:80"', '"7878:80"\n      - "80"'],
    ],
    'services.films.ports: 80: has no fixed number on the VM: nobody can find it, or see that it is taken - write both sides as numbers, one port each: "8080:80"',
  ],
  [
    "a range of ports",
    [['"7878:80"', '"7878:80"\n      - "9000-9010:9000-9010"']],
    'services.films.ports: 9000-9010:9000-9010: has no fixed number on the VM: nobody can find it, or see that it is taken - write both sides as numbers, one port each: "8080:80"',
  ],
  [
    "a web interface on a port that is not published",
    [["port: 7878 }", "port: 80 }"]],
    "x-infinity.web.films.port: 80: is not published on the VM - publish it, or correct the port: it is the one on the VM",
  ],
  [
    "a web interface of nobody",
    [["films: { port: 7878 }", "web: { port: 7878 }"]],
    "x-infinity.web.web: web: there is no such service in the stack - set its service: NAME",
  ],
  [
    "ports without a network",
    inVpn("{ vpn: { condition: service_healthy, restart: true } }", '    ports: ["7879:80"]\n'),
    "services.films.ports: it has no network of its own to publish them on - move them to services.vpn",
  ],
  [
    "a container that starts before its network",
    inVpn("[vpn]"),
    "services.films.depends_on.vpn: it would run without network: before that service is up, and after it restarted - set { condition: service_healthy, restart: true }",
  ],
  [
    "a network of another stack",
    [
      ["    environment:", "    network_mode: container:vpn\n    environment:"],
      ['    ports:\n      - "7878:80"\n', ""],
      ["  web:\n    films: { port: 7878 }\n", ""],
    ],
    "services.films.network_mode: container:vpn: joins a network that the stack doesn't own: made anew, that one leaves this container without any - put both into one stack: service:NAME",
  ],
  [
    "a variable that may be missing in a path",
    [["${STATE:?}/config:", "${STATE}/config:"]],
    "services.films.volumes: ${STATE}/config: becomes another path where STATE is missing, and an empty one - demand it: ${STATE:?}",
  ],
  [
    "a path of one VM",
    [["${STATE:?}/config:/config", "${STATE:?}/config:/config\n      - /opt/films:/films"]],
    "services.films.volumes: /opt/films: is one VM's path: no other house has it - let it begin with a variable of .env.example: ${STATE:?}/...",
  ],
  [
    "data beside the Compose file",
    [["./motd:", "./db:"]],
    "services.films.volumes: ./db: is not in the stack's folder: Docker would make an empty folder of that name - add the file; data belongs under a path of the VM: ${STATE:?}/...",
  ],
  [
    "a file of the stack that a container may change",
    [["/motd:ro", "/motd"]],
    "services.films.volumes: ./motd: is the stack's own file, which a container must not change - mount it with :ro",
  ],
  [
    "a library that Docker would make up",
    [["        bind: { create_host_path: false }\n", ""]],
    "services.films.volumes: ${LIBRARY:?}/media:/data/media: would be made, empty, on the VM's disk while the NAS is away - write it long, with bind: { create_host_path: false }",
  ],
  [
    "a library under another path",
    [["target: /data/media", "target: /media"]],
    "services.films.volumes: ${LIBRARY:?}/media:/media: is called otherwise in other containers: a path that one tells another leads nowhere - mount it at /data/media",
  ],
  [
    "a library in two mounts",
    [
      [
        "      - ./motd",
        "      - type: bind\n        source: ${LIBRARY:?}/downloads\n        target: /data/downloads\n        bind: { create_host_path: false }\n      - ./motd",
      ],
    ],
    "services.films.volumes: /media, /downloads: are several mounts of one library: no hard link leads from one to another, so that every import is a copy - mount ${LIBRARY:?} once, at /data",
  ],
  [
    "all of the library without a look whether it is there",
    [
      ["source: ${LIBRARY:?}/media", "source: ${LIBRARY:?}"],
      ["target: /data/media", "target: /data"],
    ],
    "services.films.volumes: the mount point is there while the NAS is away: the container would fill the VM's disk - mount a folder of it too, read-only, which is missing then: ${LIBRARY:?}/downloads at /run/library",
  ],
  [
    "a database on the NAS",
    [['"${STATE}/config/films.db"', '"${LIBRARY}/configs/films.db"']],
    "x-infinity.backup.sqlite: ${LIBRARY}/configs/films.db: is a database on a network share: its locks don't hold there - keep it on the VM's own disk: ${STATE}/...",
  ],
  [
    "PostgreSQL on the NAS",
    [
      ["    folders:", "    postgres: { films: films }\n    folders:"],
      ["source: ${LIBRARY:?}/media", "source: ${LIBRARY:?}/var/lib/postgresql"],
      ["target: /data/media", "target: /var/lib/postgresql"],
    ],
    "services.films.volumes: ${LIBRARY:?}/var/lib/postgresql: is a database on a network share: its locks don't hold there - keep it on the VM's own disk: ${STATE}/...",
  ],
  [
    "a secret in clear",
    [["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      ADMIN_PASSWORD: hunter2"]],
    "services.films.environment.ADMIN_PASSWORD: is a secret by its name, and doesn't come from one - take it from a variable that .env.example marks [secret]: ${NAME:?}",
  ],
  [
    "a secret from a setting",
    [["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      ADMIN_PASSWORD: ${STATE}"]],
    "services.films.environment.ADMIN_PASSWORD: is a secret by its name, and doesn't come from one - take it from a variable that .env.example marks [secret]: ${NAME:?}",
  ],
  [
    "another project's name",
    [["name: films", "name: movies"]],
    "name: movies: is not the folder's name, by which the house and the data know the stack - name it films",
  ],
  [
    "no project's name",
    [["name: films\n", ""]],
    "name: is missing: without it the project is called after the folder it lies in - give it",
  ],
  [
    "an image that is built",
    [[IMAGE, `${IMAGE}\n    build: .`]],
    "services.films.build: is built on the VM - publish the image, and name it with its version",
  ],
  [
    "a file of variables",
    [[IMAGE, `${IMAGE}\n    env_file: .env`]],
    "services.films.env_file: is not followed - name each variable under environment",
  ],
  [
    "an owner by name",
    [["  backup:", '  folders: { "${STATE}/config": films }\n  backup:']],
    "x-infinity.folders.${STATE}/config: is no owner - write uid:gid, as numbers or variables",
  ],
  ...[29, 7201, 60.5, "5m"].map((wait): [string, readonly Change[], string] => [
    `a wait of ${wait}`,
    [["  backup:", `  wait: ${wait}\n  backup:`]],
    "x-infinity.wait: is no time that a stack is waited for - write seconds, 30 to 7200: 1800",
  ]),
  [
    "nothing about its backup",
    [['    folders: ["${STATE}/config"]\n    sqlite: ["${STATE}/config/films.db"]\n', "    {}\n"]],
    "x-infinity.backup: says nothing - name what is kept, or say in a note that there is nothing",
  ],
  [
    "nothing of ours",
    [["x-infinity:", "x-other:"]],
    "x-infinity: is missing: nothing says what the stack is for, and what hangs on it - begin it with purpose, priority and backup",
  ],
  [
    "an unknown word",
    [["  purpose: Films", "  purpose: Films\n  owner: me"]],
    'x-infinity.owner: Unrecognized key: "owner" - correct it: docs/services.md says what stands there',
  ],
])("refused: %s", (_, changes, problem) => {
  expect(said(compose(...changes))).toContain(`${FILE}: ${problem}`);
});

test("a value that could be a secret is not repeated", () => {
  const problems = said(compose(["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      DB_PASSWORD: hunter2"]));
  expect(problems).toHaveLength(1);
  expect(problems.join()).not.toContain("hunter2");
});

const UNLABELLED: Change[] = [['labels: { com.centurylinklabs.watchtower.enable: "false" }', "labels: {}"]];
const UPDATED =
  'and an updater that runs unattended may replace it - label it com.centurylinklabs.watchtower.enable: "false"';

test.each<[string, Change[], string]>([
  [
    "an important one",
    [...UNLABELLED, ["priority: critical", "priority: important"]],
    `belongs to an important stack, ${UPDATED}`,
  ],
  [
    "a database",
    [
      ...UNLABELLED,
      ["priority: critical", "priority: none"],
      ["    sqlite:", "    postgres: { films: films }\n    sqlite:"],
    ],
    `is a database, ${UPDATED}`,
  ],
  [
    "what changes a database",
    [
      ...UNLABELLED,
      ["priority: critical", "priority: none"],
      ["    sqlite:", "    postgres: { db: films }\n    sqlite:"],
    ],
    `changes the stack's database with its version, ${UPDATED}`,
  ],
  [
    "what has Docker in its hands",
    [
      ...UNLABELLED,
      ["priority: critical", "priority: none"],
      ["- ./motd", "- /var/run/docker.sock:/var/run/docker.sock\n      - ./motd"],
    ],
    `rules the VM's Docker, ${UPDATED}`,
  ],
])("an updater leaves alone: %s", (_, changes, problem) => {
  expect(said(compose(...changes))).toContain(`${FILE}: services.films.labels: ${problem}`);
});

test("an updater may have what nobody misses for an evening", () => {
  expect(said(compose(...UNLABELLED, ["priority: critical", "priority: none"]))).toEqual([]);
});

const UNDESCRIBED =
  "is used and not described - describe it in .env.example: a comment that ends with [setting] or [secret], and TZ= below it";

/** With one variable more that may be missing, as both files have it. */
const optional = (use: string, line: string) =>
  folder({
    "docker-compose.yml": edited(["API_KEY: ${API_KEY}", `API_KEY: \${API_KEY}${use}`]),
    ".env.example": `${EXAMPLE.trimEnd()}\n# May be missing. [setting optional]\n${line}\n`,
  });

describe("variables", () => {
  test.each<[string, ReturnType<typeof folder>, string]>([
    [
      "used and not described",
      compose(["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      TZ: $TZ"]),
      `${FILE}: TZ: ${UNDESCRIBED}`,
    ],
    [
      "handed on and not described",
      compose(["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      TZ:"]),
      `${FILE}: TZ: ${UNDESCRIBED}`,
    ],
    [
      "described and not used",
      folder({ ".env.example": `${EXAMPLE}\n# Time zone. [house timezone]\nTZ=Etc/UTC\n` }),
      "stacks/films/.env.example: TZ: no Compose file of the stack uses it - take it out",
    ],
    [
      "with two defaults",
      compose(["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY:-none}"]),
      `${FILE}: API_KEY: has a value here and another in .env.example - write \${API_KEY}, and its default into .env.example`,
    ],
    [
      "secret, and filled in",
      example("API_KEY=", "API_KEY=abc"),
      "stacks/films/.env.example: API_KEY: is a secret in clear - leave it empty",
    ],
    [
      "secret by its name only",
      example("[secret]", "[setting]"),
      `${FILE}: x-infinity, API_KEY: is a secret by its name, and .env.example doesn't mark it as one - mark it [secret], or name it otherwise`,
    ],
    [
      "from nowhere",
      example("Where it keeps its own. [setting]", "Where it keeps its own."),
      "stacks/films/.env.example: STATE: doesn't say where its value comes from - end its comment with one of: [setting], [setting optional], [setting required], [secret], [secret generate], [secret optional], [house timezone], [house uid], [house gid], [house library], [house subnet], [house tunnel], [house url], [house hosts]",
    ],
    [
      "described twice",
      folder({ ".env.example": `${EXAMPLE}\n# Again. [setting]\nSTATE=/srv/other\n` }),
      "stacks/films/.env.example: STATE: is given twice - take out one of the two",
    ],
    [
      "no variable at all",
      example("STATE=/srv/films", "STATE: /srv/films"),
      "stacks/films/.env.example: STATE: /srv/films: is no variable - write a comment, and NAME=value below it",
    ],
    [
      "optional, handed on, and empty in a copied file",
      optional("\n      ASKED:", "ASKED="),
      "stacks/films/.env.example: ASKED: is empty in a copied file, and reaches the container as an empty text instead of not at all - comment it out: # ASKED=",
    ],
    [
      "commented out with a value",
      optional("\n      ASKED:", "# ASKED=1"),
      "stacks/films/.env.example: ASKED: has a value and is commented out: a copied file is without it - take out the value, or the #",
    ],
    [
      "needed, and commented out",
      example("STATE=/srv/films", "# STATE=/srv/films"),
      "stacks/films/.env.example: STATE: is commented out, and not optional: a copied file lacks it - take out the #",
    ],
  ])("refused: %s", (_, broken, problem) => {
    expect(said(broken)).toContain(problem);
  });

  test.each([
    ["handed on and commented out", optional("\n      ASKED:", "# ASKED=")],
    ["within a text, and empty", optional("\n      ASKED: x${ASKED}", "ASKED=")],
  ])("that are optional: %s", (_, kept) => {
    expect(said(kept)).toEqual([]);
  });

  test("need no empty line between them, and one that is described badly is told once", () => {
    const uses: Change = ["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      TZ: ${TZ}"];
    const of = (more: string) =>
      said(folder({ "docker-compose.yml": edited(uses), ".env.example": `${EXAMPLE.trimEnd()}\n${more}` }));
    expect(of("# Time zone. [house timezone]\nTZ=Etc/UTC\n")).toEqual([]);
    const [first, ...others] = of("TZ=Etc/UTC\n");
    expect(first).toMatch(/^stacks\/films\/\.env\.example: TZ: doesn't say where its value comes from - /);
    expect(others).toEqual([]);
  });

  test("of any variant may be in the one .env.example", () => {
    const other = edited(["API_KEY: ${API_KEY}", "API_KEY: ${API_KEY}\n      TZ: ${TZ}"]);
    const both = folder({
      "docker-compose.other.yml": other,
      ".env.example": `${EXAMPLE}\n# Time zone. [house timezone]\nTZ=Etc/UTC\n`,
    });
    expect(said(both)).toEqual([]);
    expect(said(both, "other")).toEqual([]);
  });
});

test.each([
  [
    "a Compose file of another name",
    folder({ "docker-compose.yml": undefined, "compose.yaml": edited() }),
    `${FILE}: is missing - rename compose.yaml to it`,
  ],
  [
    "no Compose file",
    folder({ "docker-compose.yml": undefined }),
    `${FILE}: is missing - write the stack's Compose file`,
  ],
  [
    "no YAML",
    folder({ "docker-compose.yml": "name: [" }),
    /^stacks\/films\/docker-compose.yml:1: is no YAML: .* - correct it$/,
  ],
])("refused: %s", (_, broken, problem) => {
  const [first = ""] = said(broken);
  expect(first).toMatch(problem);
});
