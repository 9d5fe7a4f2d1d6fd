/** What a stack takes to run on a VM: files, variables, images, and the page that is written from the house. */
import { join } from "node:path";
import { parse } from "yaml";
import { stackFolders } from "../../../components/stackFolders";
import { parseHouse } from "../../../house/house";
import type { Sections } from "../../../house/load";
import { merge } from "../../../house/merge";
import { deploymentOf, type Deployment } from "../../../house/stacks/deployment";
import { stackSecrets } from "../../../house/stacks/environment";
import type { StackFolders } from "../../../house/stacks/folder";
import { formatProblem } from "../../../values/problem";
import { isBrought } from "../../stacks/brought";
import { projectRoot } from "../../support/shared";
import { small, stackSections } from "../support";
import { edited, EXAMPLE, folder, folders } from "./support";

function deployments(sections: Sections, from: StackFolders): Record<string, Deployment> {
  const parsed = parseHouse({ sections, folders: from });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const { house, stacks } = parsed;
  const all = Object.entries(stacks).flatMap(([vm, placed]) =>
    placed.map((stack) => {
      const found = deploymentOf({ house, vm, stack }, stacks, stackSecrets(sections));
      if ("problems" in found) throw new Error(found.problems.map(formatProblem).join("\n"));
      return [`${vm}/${stack.name}`, found.deployment] as const;
    }),
  );
  return Object.fromEntries(all);
}

const HOUSE = small({
  nas: { address: "10.0.0.3", export: "/volume1/house", mountPoint: "/mnt/house" },
  vms: { web: { services: ["films"] } },
  secrets: { films: { API_KEY: "k3y" } },
});

const films = (change: Readonly<Record<string, string>> = {}, sections = HOUSE): Deployment => {
  const { "web/films": found } = deployments(sections, folders(folder(change)));
  if (!found) throw new Error("films is not deployed");
  return found;
};

test("has the Compose file and what is mounted, and neither .env.example nor another variant", () => {
  const { compose, files, project } = films({ "docker-compose.other.yml": edited() });
  expect([project, compose, Object.keys(files).sort()]).toEqual([
    "films",
    "docker-compose.yml",
    ["docker-compose.yml", "motd"],
  ]);
});

test("has its variables, the secret ones marked, and the mount that has to be there first", () => {
  const { environment, mounts } = films();
  expect(environment).toEqual({
    STATE: { value: "/srv/films", secret: false },
    LIBRARY: { value: "/mnt/house", secret: false },
    API_KEY: { value: "k3y", secret: true },
  });
  expect(mounts).toEqual(["/mnt/house"]);
});

test("says where what each container mounts lies", () => {
  expect(films().services.films?.data).toEqual({
    "/config": "/srv/films/config",
    "/data/media": "/mnt/house/media",
    "/motd": "./motd",
  });
});

test("waits for the NAS as well where settings put its own data there", () => {
  const own = edited([
    "      - type: bind\n        source: ${LIBRARY:?}/media\n        target: /data/media\n        bind: { create_host_path: false }\n",
    "",
  ]);
  const alone = EXAMPLE.replace("# Where the NAS is mounted. [house library]\nLIBRARY=/mnt/nas\n", "");
  const of = (STATE: string) =>
    films({ "docker-compose.yml": own, ".env.example": alone }, merge(HOUSE, { settings: { films: { STATE } } }))
      .mounts;
  expect(of("/srv/films")).toEqual([]);
  expect(of("/mnt/house/configs/films")).toEqual(["/mnt/house"]);
});

test("is not deployed while a secret is missing", () => {
  const { secrets, ...without } = HOUSE;
  expect(secrets).toBeDefined();
  expect(() => films({}, without)).toThrow("secrets.films.API_KEY: films on web needs it");
});

test("a changed file changes the hash of the containers that mount it, and of no others", () => {
  const second = edited([
    "services:\n",
    'services:\n  other:\n    image: example.org/other:1.2.3\n    restart: always\n    healthcheck: { test: ["CMD", "true"] }\n    labels: { com.centurylinklabs.watchtower.enable: "false" }\n    logging: { driver: local, options: { max-size: 10m } }\n',
  ]);
  const of = (motd: string) => films({ "docker-compose.yml": second, motd }).services;
  expect(of("hello").films?.content).toMatch(/^[0-9a-f]{64}$/);
  expect(of("hello").films).toEqual(of("hello").films);
  expect(of("hello").films?.files).toEqual(["motd"]);
  expect(of("hello").films?.content).not.toBe(of("hullo").films?.content);
  expect(of("hello").other).toEqual({ image: "example.org/other:1.2.3" });
});

test("a mounted file that may be run, or is no text, is told by its mark: to its containers, and to who deploys it", () => {
  const marked = (marks: Record<string, string>) => {
    const { "web/films": found } = deployments(HOUSE, folders({ ...folder(), marks }));
    return found;
  };
  const [plain, first, second] = [films(), marked({ motd: "a" }), marked({ motd: "b", ".env.example": "c" })];
  expect([plain.marks, first?.marks, second?.marks]).toEqual([{}, { motd: "a" }, { motd: "b" }]);
  const contents = [plain, first, second].map((each) => each?.services.films?.content);
  expect(new Set(contents).size).toBe(3);
});

test("a service that is handed a variable as it is says so, where the variable has a value", () => {
  const bare = edited(["      API_KEY: ${API_KEY}\n", "      API_KEY:\n"]);
  expect(films({ "docker-compose.yml": bare }).services.films?.handsOn).toBe(true);
  expect(films().services.films).not.toHaveProperty("handsOn");
});

test("another value of a variable that a container finds in a file changes its hash, and stands nowhere in it", () => {
  const handed = edited(
    ["      API_KEY: ${API_KEY}\n", "      TZ: UTC\n"],
    ["services:\n", "secrets: { key: { environment: API_KEY } }\nservices:\n"],
    ["    ports:\n", "    secrets: [key]\n    ports:\n"],
  );
  const of = (key: string, compose = handed) =>
    films({ "docker-compose.yml": compose }, merge(HOUSE, { secrets: { films: { API_KEY: key } } })).services.films
      ?.content;
  expect(of("k3y")).toBe(of("k3y"));
  expect(of("k3y")).not.toBe(of("other"));
  // One that it finds in its environment is Compose's to notice.
  expect(of("k3y", edited())).toBe(of("other", edited()));
});

test("images and folders have their variables filled in", () => {
  const change = {
    "docker-compose.yml": edited(
      ["image: example.org/films:1.2.3", "image: example.org/films@${DIGEST:?}"],
      ["services:\n", '  folders:\n    "${STATE}/config": "1000:1000"\nservices:\n'],
    ),
    ".env.example": `${folder().files[".env.example"] ?? ""}\n# Which. [setting required]\nDIGEST=\n`,
  };
  const digest = `sha256:${"a".repeat(64)}`;
  const { services, folders: owned } = films(change, merge(HOUSE, { settings: { films: { DIGEST: digest } } }));
  expect(services.films?.image).toBe(`example.org/films@${digest}`);
  expect(owned).toEqual({ "/srv/films/config": "1000:1000" });
});

describe("the lab's house", () => {
  const all = deployments(stackSections("lab"), stackFolders(join(projectRoot, "stacks")));

  test("has everything that its stacks take", () => {
    expect(Object.values(all).filter(({ project }) => isBrought(project))).toHaveLength(26);
  });

  test("has each newt with its own id", () => {
    const ids = ["emby", "arr", "misc"].map((vm) => all[`${vm}/newt`]?.environment.NEWT_ID?.value);
    expect(ids).toEqual(["lab-emby", "lab-arr", "lab-misc"]);
  });

  test("lets the download clients reach nothing of the LAN, unless it says what", () => {
    expect(all["downloads/vpn"]?.vpn?.neighbours).toEqual([]);
    expect(all["downloads/vpn"]?.environment.NEIGHBOURS?.value).toBe("");
    const said = merge(stackSections("lab"), { settings: { vpn: { NEIGHBOURS: "192.168.86.249/32" } } });
    const own = deployments(said, stackFolders(join(projectRoot, "stacks")))["downloads/vpn"];
    expect(own?.vpn?.neighbours).toEqual(["192.168.86.249/32"]);
  });

  test("has a front page with every web interface, at its name outside where it has one", () => {
    const page = all["misc/homepage"];
    const groups = parse(page?.generated["config/services.yaml"] ?? "") as Record<string, Record<string, object>[]>[];
    const entries = Object.assign({}, ...groups.flatMap((group) => Object.values(group).flat())) as object;
    expect(groups.map((group) => Object.keys(group)[0])).toEqual([
      "Media streaming server",
      "Download clients with VPN protection",
      "Media automation and management",
      "Supporting and experimental services",
    ]);
    expect(entries).toMatchObject({
      Radarr: {
        href: "https://radarr.infinity-node.com",
        siteMonitor: "http://192.168.86.174:7878",
        description: "Films - found, fetched and filed",
        icon: "radarr.png",
      },
      Deluge: { href: "http://192.168.86.173:8112" },
      Vaultwarden: { href: "http://192.168.86.249:8080" },
    });
    expect(page?.files).not.toHaveProperty("config/services.yaml");
    expect(page?.services.homepage?.content).toMatch(/^[0-9a-f]{64}$/);
  });
});
