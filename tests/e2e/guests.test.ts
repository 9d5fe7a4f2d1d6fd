/** What is inside the VMs, through the real engine: the seed's stacks on simulated guests, edited by hand, found, put right. */
import { appendFile, writeFile } from "node:fs/promises";
import { newKey } from "../../lab/ssh/keys";
import { driftNow } from "./driftNow";
import { container } from "./inside";
import { openSeedWorld, type World } from "./world";
import type { LabGuest } from "../../lab/guest/guest";
import { reboot } from "../../lab/guest/reboot";

jest.setTimeout(240_000);

let world: World;
let emby: LabGuest;
let downloads: LabGuest;
let arr: LabGuest;
let misc: LabGuest;

beforeAll(async () => {
  world = await openSeedWorld();
  await world.up();
  ({ emby, downloads, arr, misc } = world.inside as Record<"emby" | "downloads" | "arr" | "misc", LabGuest>);
});
afterAll(() => world.close());

const sent = (): number => Object.values(world.inside).reduce((sum, { operations }) => sum + operations.length, 0);

test("every stack of the seed is up on its VM, and no command was sent that a guest doesn't know", () => {
  const services = Object.fromEntries(
    Object.entries(world.inside).map(([name, { state }]) => [
      name,
      [...new Set(state.containers.map(({ project }) => project))].sort(),
    ]),
  );
  expect(services).toEqual({
    emby: ["emby", "newt", "portainer", "watchtower"],
    downloads: ["portainer", "vpn", "watchtower"],
    arr: expect.arrayContaining(["flaresolverr", "prowlarr", "radarr", "sonarr"]) as string[],
    misc: expect.arrayContaining(["homepage", "immich", "paperless-ngx", "vaultwarden"]) as string[],
  });
  for (const { state, operations } of Object.values(world.inside)) {
    expect(
      state.containers.filter(({ status, health }) => status !== "running" || (health ?? "healthy") !== "healthy"),
    ).toEqual([]);
    expect(operations.filter(({ unknown }) => unknown)).toEqual([]);
  }
});

test("users, the NAS's share and Docker are as the house says", () => {
  expect(emby.state.groups.docker?.members).toEqual(["inspector"]);
  expect(emby.state.mounts.find(({ type }) => type === "nfs4")).toMatchObject({
    target: "/mnt/nas",
    source: "192.168.86.43:/volume1/infinity-node",
    options: expect.stringMatching(/^ro,/) as string,
  });
  expect(emby.state.daemon.liveRestore).toBe(true);
});

test("no secret stands in clear in the state, or in any command", () => {
  const declared = Object.entries(world.resources()).filter(([urn]) => /dynamic\/(compose|guest):/.test(urn));
  expect(declared.length).toBeGreaterThan(40);
  const state = JSON.stringify(declared);
  for (const secret of ["lab-lab-lab-lab", "BEGIN EC PRIVATE KEY"]) {
    expect(state.includes(secret)).toBe(false);
    for (const { operations } of Object.values(world.inside))
      expect(operations.some(({ text }) => text.includes(secret))).toBe(false);
  }
});

test("a preview of an unchanged house logs in nowhere", async () => {
  const before = sent();
  await world.pulumi(["preview", "--expect-no-changes"]);
  expect(sent()).toBe(before);
});

test("a VPN that starts anew, alone or with its VM, has its clients in its network before anybody looks", async () => {
  const [vpn, clients] = [container(downloads, "vpn"), ["deluge", "nzbget"].map((name) => container(downloads, name))];
  const joined = (): boolean[] =>
    clients.map(({ status, namespace }) => status === "running" && namespace === vpn.namespace);
  const restart = () => downloads.by(["docker", "restart", "vpn-vpn-1"]);
  const restartVm = async () => {
    reboot(downloads.state, await downloads.files.real("/", true));
  };
  for (const act of [restart, restartVm]) {
    const before = vpn.namespace;
    await act();
    expect(vpn.namespace).not.toBe(before);
    expect(joined()).toEqual([true, true]);
  }
  const unit = "infinity-node-rejoin-vpn.service";
  await downloads.by(["systemctl", "disable", "--now", unit]);
  await restart();
  expect(joined()).toEqual([false, false]);
  await restartVm();
  expect(joined()).toEqual([false, false]);
  const { code, report } = await driftNow(world);
  expect(code).toBe(7);
  expect(report.parts.flatMap(({ title, findings }) => findings.map(({ says }) => `${title}: ${says ?? ""}`))).toEqual(
    expect.arrayContaining([
      "guest downloads: stack vpn: service deluge: exited (128)",
      "guest downloads: stack vpn: service nzbget: exited (128)",
      `guest downloads: unit ${unit}: it doesn't run`,
    ]),
  );
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  expect(["deluge", "nzbget"].map((name) => container(downloads, name).namespace)).toEqual(
    Array(2).fill(container(downloads, "vpn").namespace),
  );
  expect(await driftNow(world)).toMatchObject({ code: 0 });
});

test("what was done by hand is found property by property, in a few commands a VM, and put right by the next up", async () => {
  Object.assign(container(emby, "emby"), { status: "exited", exitCode: 137, pid: 0 });
  container(downloads, "vpn").namespace = 4711;
  emby.state.mounts = [];
  await arr.by(["usermod", "-a", "-G", "sudo", "inspector"]);
  await arr.files.own("/opt/stacks/radarr/.env", { mode: 0o644 });
  await emby.by(["useradd", "-m", "-s", "/bin/bash", "mallory"]);
  const compose = "/opt/stacks/prowlarr/docker-compose.yml";
  const { stdout: text } = await arr.by(["cat", "--", compose]);
  await arr.by(["cat", "--", "/etc/fstab"]);
  await writeFile(await arr.files.real(compose, true), `${text}# by hand\n`);
  const key = newKey().public;
  await appendFile(await arr.files.real("/home/evan/.ssh/authorized_keys", true), `${key}\n`);
  const vault = container(misc, "vaultwarden");
  const labels = { ...vault.labels, "com.docker.compose.service": "debug" };
  const foreign = { ...vault, id: "f".repeat(64), service: "debug", image: "alpine:3", labels };
  misc.state.containers.push(foreign);

  const looks = sent();
  const logins = arr.logins;
  const { code, report } = await driftNow(world);
  expect(code).toBe(7);
  expect(report.checked).toBe(report.total);
  const found = report.parts.flatMap(({ title, findings }) =>
    findings.map(({ says, property, next }) => `${title}: ${says ?? property} (${next})`),
  );
  expect(found).toEqual([
    `guest arr: stack prowlarr: file edited by hand: docker-compose.yml (puts it back)`,
    `guest arr: stack radarr: .env has mode 0644 instead of 0600 (puts it back)`,
    `guest arr: user evan: key added by hand: ${key.replace(/^(\S+) .*(.{12})$/, "$1 ...$2")} (puts it back)`,
    `guest arr: user inspector: its right to sudo: password (puts it back)`,
    `guest downloads: stack vpn: service deluge: no network (puts it back)`,
    `guest downloads: stack vpn: service nzbget: no network (puts it back)`,
    `guest emby: log-ins: user added by hand: mallory may log in (locks it)`,
    `guest emby: mount /mnt/nas: share not mounted (puts it back)`,
    `guest emby: stack emby: service emby: exited (137) (puts it back)`,
    `guest misc: stack vaultwarden: service debug: a container that nobody declared: alpine:3, up (puts it back)`,
  ]);
  expect(JSON.stringify(report)).not.toContain("lab-lab-lab-lab");
  // One connection a guest, and a handful of commands for all that it has.
  expect(arr.logins - logins).toBe(1);
  expect(sent() - looks).toBeLessThanOrEqual(5 * Object.keys(world.inside).length);

  const guests = Object.entries(world.inside);
  const before = guests.map(([, { logins, operations }]) => ({ logins, commands: operations.length }));
  const said = await world.pulumi(["refresh", "--preview-only", "--diff"]);
  // However many resources each of them has, of which the stacks alone would take four each.
  for (const [index, [name, { logins, operations }]] of guests.entries()) {
    const [here, was] = [{ logins, commands: operations.length }, before[index]];
    expect([name, here.logins - (was?.logins ?? 0)]).toEqual([name, 1]);
    expect(here.commands - (was?.commands ?? 0)).toBeLessThanOrEqual(8);
  }
  expect(said).toMatch(/state\s*: "up" => "exited \(137\)"/);
  expect(said).toMatch(/state\s*: "up" => "no network"/);
  expect(said).toMatch(/mounted\s*: true => false/);
  expect(said).toMatch(/sudo\s*: "none" => "password"/);
  expect(said).toMatch(/envMode\s*: "0600" => "0644"/);

  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
  await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  expect(await driftNow(world)).toMatchObject({ code: 0 });
  expect(emby.state.accounts.mallory?.expired).toBe(true);
  expect(misc.state.containers).not.toContain(foreign);
  expect(container(emby, "emby").status).toBe("running");
  expect(container(downloads, "deluge").namespace).toBe(container(downloads, "vpn").namespace);
});

test("a guest that doesn't answer is told as such within a bounded time, and the rest all the same", async () => {
  const { hands } = world;
  await hands.task(await hands.post<string>("/nodes/infinity-node/qemu/100/status/stop"));
  emby.cut();
  Object.assign(container(arr, "sonarr"), { status: "exited", exitCode: 1, pid: 0 });
  const since = performance.now();
  const { code, report } = await driftNow(world);
  expect(performance.now() - since).toBeLessThan(30_000);
  expect(code).toBe(1);
  const unchecked = report.parts.filter(({ state }) => state === "unchecked");
  expect(unchecked.length).toBe(report.total - report.checked);
  expect(unchecked.length).toBeGreaterThan(8);
  for (const { title, notes } of unchecked) {
    expect(title).toMatch(/^guest emby/);
    expect(notes.join()).toContain("doesn't let evan in");
  }
  expect(report.parts.find(({ title }) => title === "guest arr: stack sonarr")).toMatchObject({
    findings: [{ says: "service sonarr: exited (1)" }],
  });
  expect(report.parts.find(({ title }) => title === "VM 100 emby")).toMatchObject({ state: "drift" });
  await hands.task(await hands.post<string>("/nodes/infinity-node/qemu/100/status/start"));
  await world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]);
});

test("a service whose new version doesn't come up leaves the former one, and every other stack alone", async () => {
  const image = container(arr, "radarr").image;
  const others = arr.state.containers.filter(({ service }) => service !== "radarr").map(({ id }) => id);
  // The same image, as if its settings had broken it.
  arr.state.badImages[image] = { health: "unhealthy", log: "database disk image is malformed\n" };
  world.override([["config", "infinity-node:timezone"], "Europe/Berlin"]);
  const said = await world.pulumi(["up", "--yes", "--skip-preview", "--continue-on-error"], 1);
  expect(said).toMatch(/stack radarr on arr: release [0-9a-f]{16} did not come up/);
  expect(said).toContain("database disk image is malformed");
  Reflect.deleteProperty(arr.state.badImages, image);
  await world.up();
  expect(arr.state.containers).toHaveLength(others.length + 1);
});
