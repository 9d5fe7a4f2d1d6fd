/**
 * What the download clients' containers run before the clients, run for real in a folder: a new house's clients download
 * to where the arrs look, and settings that somebody made stay.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../support/shared";

/** Of the settings that linuxserver's images begin with, those around the paths. */
const IMAGE = {
  deluge: `{
    "file": 1,
    "format": 1
}{
    "download_location": "/downloads",
    "download_location_paths_list": [],
    "enabled_plugins": [],
    "move_completed": false,
    "move_completed_path": "/downloads",
    "move_completed_paths_list": [],
    "torrentfiles_location": "/config/torrents"
}`,
  nzbget: `# On POSIX you can use "~" as alias for home directory (e.g. "~/downloads").
MainDir=/downloads
# Destination directory for downloaded files.
DestDir=\${MainDir}/completed
InterDir=\${MainDir}/intermediate
QueueDir=\${MainDir}/queue
ControlPassword=
`,
};
type Client = keyof typeof IMAGE;

const FILES: Readonly<Record<Client, string>> = { deluge: "core.conf", nzbget: "nzbget.conf" };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "clients-"));
  for (const folder of ["config", "cache", "downloads"]) mkdirSync(join(root, folder));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const settings = (client: Client): string => join(root, "config", FILES[client]);

/** Starts the container once more. @returns the client's settings as it finds them then. */
function started(client: Client, shell = "bash"): string {
  const script = join(projectRoot, "stacks/vpn/init", `${client}.sh`);
  const env = { PATH: process.env.PATH, PUID: String(process.getuid?.()), PGID: String(process.getgid?.()) };
  const run = spawnSync(shell, [script, root], { encoding: "utf8", env });
  expect(run).toMatchObject({ stderr: "", status: 0 });
  return readFileSync(settings(client), "utf8");
}

/** Settings, and what they become. */
const WANTED: Readonly<Record<Client, readonly (readonly [string, string])[]>> = {
  deluge: [
    ['"download_location": "/downloads"', '"download_location": "/cache/deluge"'],
    ['"move_completed": false', '"move_completed": true'],
    ['"move_completed_path": "/downloads"', '"move_completed_path": "/data/downloads/complete"'],
  ],
  nzbget: [
    ["MainDir=/downloads", "MainDir=/cache/nzbget"],
    ["DestDir=${MainDir}/completed", "DestDir=/data/downloads/complete"],
  ],
};

/** What comes along where those are set, and keeps none of them from being. */
const ALONG: Readonly<Record<Client, readonly (readonly [string, string])[]>> = {
  deluge: [['"enabled_plugins": []', '"enabled_plugins": ["Label"]']],
  nzbget: [],
};

// The image runs it with bash.
describe.each<[Client, string]>([
  ["deluge", "bash"],
  ["deluge", "sh"],
  ["nzbget", "bash"],
  ["nzbget", "sh"],
])("%s, run by %s", (client, shell) => {
  const all = [...WANTED[client], ...ALONG[client]];
  const wanted = all.reduce((text, [from, to]) => text.replace(from, () => to), IMAGE[client]);

  test("a new house's goes to the big disk first and to the library then; nothing else changes", () => {
    writeFileSync(settings(client), IMAGE[client], { mode: 0o600 });
    expect(started(client, shell)).toBe(wanted);
    expect(statSync(settings(client)).mode & 0o777).toBe(0o600);
    expect(existsSync(join(root, "cache", client))).toBe(true);
    expect(started(client, shell)).toBe(wanted);
  });

  test("so does one that was begun, and kept everything in the container", () => {
    writeFileSync(settings(client), IMAGE[client]);
    rmSync(join(root, "downloads"), { recursive: true });
    expect(started(client, shell)).toBe(wanted);
  });

  test("one from before, with something in /downloads, stays", () => {
    writeFileSync(settings(client), IMAGE[client]);
    writeFileSync(join(root, "downloads", ".queue"), "");
    expect(started(client, shell)).toBe(IMAGE[client]);
    expect(existsSync(join(root, "cache", client))).toBe(false);
  });

  test.each(WANTED[client].map(([, to]) => to))("one in which somebody set %s stays", (set) => {
    const [from] = WANTED[client].find(([, to]) => to === set) ?? [""];
    const text = IMAGE[client].replace(from, () => set.replace("deluge", "own").replace("/nzbget", "/own"));
    writeFileSync(settings(client), text);
    expect(started(client, shell)).toBe(text);
  });

  test("a big disk that was exchanged gets its folder again", () => {
    writeFileSync(settings(client), wanted);
    expect(started(client, shell)).toBe(wanted);
    expect(existsSync(join(root, "cache", client))).toBe(true);
  });

  test("without settings it does nothing", () => {
    const script = join(projectRoot, "stacks/vpn/init", `${client}.sh`);
    expect(spawnSync(shell, [script, root], { encoding: "utf8" })).toMatchObject({ stdout: "", stderr: "", status: 0 });
    expect(existsSync(settings(client))).toBe(false);
  });
});

test.each<Client>(["deluge", "nzbget"])("a /downloads that can't be looked into isn't an empty one: %s", (client) => {
  writeFileSync(settings(client), IMAGE[client]);
  // Root is kept out of no folder here; on a share it may be.
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "bin/ls"), "#!/bin/sh\nexit 2\n", { mode: 0o755 });
  const script = join(projectRoot, `stacks/vpn/init/${client}.sh`);
  spawnSync("bash", [script, root], { env: { PATH: `${join(root, "bin")}:${process.env.PATH}` } });
  expect(readFileSync(settings(client), "utf8")).toBe(IMAGE[client]);
});
