/** Stand-ins for images: every stack of the project finds one that can answer its health checks, in versions of each kind. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stackFolders } from "../../../components/stackFolders";
import { parseImage } from "../../../house/stacks/image";
import { imageArchive, type ArchivedImage } from "../../../lab/guests/standIns/archive";
import { standInArchive, standInImages } from "../../../lab/guests/standIns/images";
import { standInsOf } from "../../../lab/guests/standIns/standIn";
import { tar } from "../../../lab/guests/standIns/tar";
import { projectRoot } from "../../support/shared";

const folders = stackFolders(join(projectRoot, "stacks"));

/** Every Compose file of the project. */
const stacks = folders.names.flatMap((name) => {
  const files = folders.read(name)?.files ?? {};
  return Object.keys(files)
    .filter((path) => /^docker-compose.*\.yml$/.test(path))
    .map((file) => ({ file, files }));
});

const portsOf = (compose: string): unknown =>
  Object.fromEntries(
    standInsOf([{ file: "x.yml", files: { "x.yml": compose } }]).standIns.map(({ image, ports }) => [image, ports]),
  );

/** What a program of this machine reads in an archive. */
function listed(archive: Buffer, ...more: string[]): string[] {
  const { stdout, stderr, status } = spawnSync("tar", ["-t", ...more, "-f", "-"], { input: archive, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split("\n");
}

test("each image of the project's stacks has a port that its health check finds, but for those that have none", () => {
  const { standIns } = standInsOf(stacks);
  expect(standIns.length).toBeGreaterThan(20);
  const silent = standIns.filter(({ ports }) => ports.length === 0).map(({ image }) => parseImage(image).name);
  expect(silent).toEqual([
    "docker.io/fosrl/newt",
    "docker.io/nickfedor/watchtower",
    "docker.io/qmcgaw/gluetun",
    "ghcr.io/bubuntux/nordlynx",
  ]);
});

test("an image that is named by its digest can't be stood in for, and is said", () => {
  const { standIns, leftOut } = standInsOf(stacks);
  expect(leftOut.map((image) => parseImage(image).name)).toEqual([
    "docker.io/huntarr/huntarr",
    "ghcr.io/immich-app/postgres",
  ]);
  expect(standIns.filter(({ image }) => image.includes("@"))).toEqual([]);
});

test.each<[string, string, readonly number[]]>([
  ["an address", 'healthcheck: { test: ["CMD", "curl", "http://127.0.0.1:8096/ping"] }', [8096]],
  ["Bash's own sockets", 'healthcheck: { test: ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9998"] }', [9998]],
  ["a program that knows", 'healthcheck: { test: ["CMD", "pg_isready", "-U", "x"] }', [5432]],
  ["a line for the shell", "healthcheck: { test: curl http://127.0.0.1:81/ }", [81]],
  ["a port that is published", 'ports: ["8085:80", "9000", "127.0.0.1:443:8443/tcp"]', [80, 8443, 9000]],
])("it answers where it is asked: by %s", (_, words, ports) => {
  expect(portsOf(`services: { web: { image: "x:1.0", ${words} } }`)).toEqual({ "x:1.0": ports });
});

test("what a container publishes for those that live in it is theirs to answer", () => {
  const compose = `services:
    vpn: { image: "vpn:1.0", ports: ["6789:6789"] }
    client: { image: "client:1.0", network_mode: "service:vpn", healthcheck: { test: "curl http://127.0.0.1:6789" } }`;
  expect(portsOf(compose)).toEqual({ "vpn:1.0": [], "client:1.0": [6789] });
});

const BUSYBOX = Buffer.from("not really one");
const ONE = { image: "docker.io/emby/embyserver:4.9.5.0", ports: [8096] };

test("each image comes in its own version, in a newer one, and in two that fail", () => {
  const told = standInImages([ONE], { busybox: BUSYBOX }).map(({ tag, environment }) => [tag, environment.STAND_IN_IS]);
  expect(told).toEqual([
    ["docker.io/emby/embyserver:4.9.5.0", "well"],
    ["docker.io/emby/embyserver:4.9.5.0-next", "well"],
    ["docker.io/emby/embyserver:4.9.5.0-broken", "sick"],
    ["docker.io/emby/embyserver:4.9.5.0-ends", "ends"],
  ]);
});

test("an image may have a layer and a program of its own, over the common ones", () => {
  const layer = tar([{ kind: "file", path: "gluetun-entrypoint", mode: 0o755, content: "#!/bin/sh\n" }]);
  const own = { "docker.io/emby/embyserver": { layer, entrypoint: ["/gluetun-entrypoint"] } };
  const [image] = standInImages([ONE], { busybox: BUSYBOX, own });
  expect(image?.layers).toHaveLength(2);
  expect(image?.layers[1]).toBe(layer);
  expect(image?.entrypoint).toEqual(["/gluetun-entrypoint"]);
});

test("the archive is the same for the same, has what they share once, and a config for each", () => {
  const archive = standInArchive([ONE], { busybox: BUSYBOX });
  expect(standInArchive([{ ...ONE }], { busybox: Buffer.from(BUSYBOX) }).equals(archive)).toBe(true);
  const paths = listed(archive);
  expect(paths.filter((path) => path.endsWith("layer.tar"))).toHaveLength(1);
  expect(paths.filter((path) => /^[0-9a-f]{64}\.json$/.test(path))).toHaveLength(4);
  expect(paths).toContain("manifest.json");
});

test("another version is another image: an update is seen", () => {
  const image: ArchivedImage = { tag: "x:1.0", layers: [tar([])], entrypoint: ["/x"], environment: { A: "1" } };
  const configs = (...images: ArchivedImage[]) => new Set(listed(imageArchive(images)).filter((p) => p.length > 64));
  expect(configs(image, { ...image, tag: "x:1.1" }).size).toBe(1);
  expect(configs(image, { ...image, environment: { A: "2" } }).size).toBe(2);
});

test("tar's own program reads what is written, modes, links and sizes included", () => {
  const long = "x".repeat(1000);
  const archive = tar([
    { kind: "folder", path: "bin", mode: 0o1777 },
    { kind: "file", path: "bin/busybox", mode: 0o755, content: long },
    { kind: "link", path: "bin/sh", mode: 0o777, to: "busybox" },
  ]);
  const rows = listed(archive, "-v").map((row) => row.trim().split(/\s+/));
  expect(rows.map(([mode]) => mode)).toEqual(["drwxrwxrwt", "-rwxr-xr-x", "lrwxrwxrwx"]);
  expect(rows[1]).toContain("1000");
  expect(rows[2]?.slice(-3)).toEqual(["bin/sh", "->", "busybox"]);
});

test("a path that no tar has room for is refused, not cut off", () => {
  expect(() => tar([{ kind: "folder", path: "x".repeat(120), mode: 0o755 }])).toThrow("longer than the 100 bytes");
});
