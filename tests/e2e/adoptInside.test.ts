/** What is inside the VMs of a house is taken over by the real engine, with looks alone, and is the house's own from then on. */
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { LabGuest } from "../../lab/guest/guest";
import { newKey } from "../../lab/ssh/keys";
import { ADOPTION_VARIABLE } from "../../providers/adoption";
import { adopting, leftOut, type Adopting } from "./adopting";
import { closedPort, vm } from "./inside";
import { openGuestWorld, type Sections, type World } from "./world";

jest.setTimeout(240_000);

const SECRETS = {
  vaultwarden: { ADMIN_TOKEN: "staple-staple" },
  prowlarr: { PROWLARR__AUTH__APIKEY: "c0ffee-c0ffee" },
};

/** `radarr` needs `prowlarr`, on the other VM. */
const house: Sections = {
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  domain: "example.com",
  nas: { address: 43, export: "/volume1/house" },
  guests: {
    user: "evan",
    users: { evan: { sudo: "passwordless" }, inspector: { groups: ["docker"], sudo: "none", keys: [newKey().public] } },
    otherUsers: "locked",
    sshServer: { passwords: false, rootLogin: false },
    upgrades: {},
    docker: { packages: ["docker.io"] },
  },
  settings: { vaultwarden: { DOMAIN: "https://vault.example.org" } },
  secrets: { ...SECRETS, vpn: { NZBGET_PASSWORD: "nzb-nzb", VPN_PRIVATE_KEY: "key-key-key" } },
  vms: {
    safe: vm(100, 10, ["flaresolverr", "vaultwarden", "prowlarr", "homepage"]),
    media: vm(101, 11, ["radarr", "vpn"], { mount: {} }),
  },
};

let world: World;
let safe: LabGuest;
let media: LabGuest;
let pulumi: Adopting["pulumi"];
let adopt: Adopting["adopt"];
let forget: Adopting["forget"];

beforeAll(async () => {
  world = await openGuestWorld("inside", house);
  ({ pulumi, adopt, forget } = await adopting(world));
  await world.up();
  ({ safe, media } = world.inside as Record<"safe" | "media", LabGuest>);
});
afterAll(() => world.close());

/** Its files with their owners, its containers, users, mounts: all that there is of a guest. */
async function everythingOn({ files, state }: LabGuest): Promise<unknown> {
  const root = join(await files.real("/etc", true), "..");
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? readFileSync(path, "utf8") : entry.isSymbolicLink() ? readlinkSync(path) : "";
    return [relative(root, path), content] as const;
  });
  return structuredClone({ state, owners: readFileSync(`${root}.owners.json`, "utf8"), files: new Map(entries) });
}
const everything = (): Promise<unknown> => Promise.all(Object.values(world.inside).map(everythingOn));

/** What a guest is asked, and nothing besides: its script, and what finds out whether it answers. */
const LOOKS = /^sudo -n -- (sh|true|printf %s .*|sh -c '! command -v cloud-init .*')$/s;

/** Runs something, at the end of which each guest is as it was, and was asked nothing but looks. */
async function looking<T>(act: () => Promise<T>): Promise<T> {
  const guests = Object.values(world.inside);
  const [before, marks] = [await everything(), guests.map(({ operations }) => operations.length)];
  const done = await act();
  const sent = guests.flatMap(({ operations }, index) => operations.slice(marks[index]).map(({ text }) => text));
  expect(sent.filter((text) => !LOOKS.test(text))).toEqual([]);
  expect(await everything()).toEqual(before);
  return done;
}

const names = (): string[] => Object.keys(world.resources()).sort();
const ids = (): string[] => [safe, media].flatMap(({ state }) => state.containers.map(({ id }) => id));
const isInside = (urn: string): boolean => /dynamic\/(guest|compose):/.test(urn);
const clean = (): Promise<string> => world.pulumi(["preview", "--refresh", "--expect-no-changes"]);

test("a house that nobody recorded is taken over whole, by looks alone, and its preview is clean", async () => {
  const before = names();
  await forget((urn) => !urn.includes("pulumi:pulumi:Stack"));
  const { code, said } = await looking(() => adopt());
  expect({ code, left: leftOut(said) }).toEqual({ code: 0, left: [] });
  expect(names()).toEqual(before);
  expect(names().filter(isInside).length).toBeGreaterThan(20);
  await looking(clean);
  const state = JSON.stringify(Object.entries(world.resources()).filter(([urn]) => isInside(urn)));
  for (const secret of ["staple-staple", "c0ffee-c0ffee", "nzb-nzb", "key-key-key"]) {
    expect(said).not.toContain(secret);
    expect(state).not.toContain(secret);
  }
});

test("taken over again, nothing changes", async () => {
  const before = world.resources();
  const { code, said } = await looking(() => adopt());
  expect(code).toBe(0);
  expect(said).toMatch(/^0 taken over, \d+ in the stack before; nothing was written$/m);
  expect(world.resources()).toEqual(before);
});

describe("a house of which not all is there, or as described", () => {
  const COMPOSE = "/opt/stacks/vaultwarden/docker-compose.yml";
  const text = async (): Promise<string> => (await safe.by(["cat", "--", COMPOSE])).stdout;

  beforeAll(async () => {
    await safe.by(["usermod", "-a", "-G", "sudo", "inspector"]);
    writeFileSync(await safe.files.real(COMPOSE, true), `${await text()}# by hand\n`);
    safe.state.containers = safe.state.containers.filter(({ project }) => project !== "prowlarr");
    await safe.by(["rm", "-rf", "--", "/opt/stacks/prowlarr"]);
    await forget(isInside);
  });

  test("what is not there, differs, or needs such a thing is left out, and told why; so is all of a guest that is down", async () => {
    world.override([["config", "pulumi-nodejs:ssh", "hosts", "media", "port"], await closedPort()]);
    const { code, said } = await looking(() => adopt()).finally(() => {
      world.override();
    });
    expect(code).toBe(7);
    expect(said).toMatch(/^ {4}sudo: is "password", the house says "none"$/m);
    expect(said).toContain('files.docker-compose.yml: is "something else"');
    const left = leftOut(said);
    expect(left.filter((line) => line.startsWith("guest safe"))).toEqual([
      "guest safe: user inspector: differs",
      "guest safe: log-ins: guest safe: user inspector is not taken over",
      "guest safe: SSH server: guest safe: user inspector is not taken over",
      "guest safe: stack vaultwarden: differs",
      "guest safe: stack prowlarr: not there",
    ]);
    const within = left.filter((line) => line.startsWith("guest media"));
    expect(within).toHaveLength(17);
    for (const line of within) expect(line).toMatch(/: it could not be looked at$/);
    expect(names().filter((urn) => isInside(urn) && urn.includes("::media"))).toEqual([]);
    expect(names().filter((urn) => urn.endsWith("::safe-homepage"))).toHaveLength(1);
  });

  test("what differs is taken over as it is when asked for, and the next preview shows what an up changes", async () => {
    const { code, said } = await looking(() => adopt(true));
    expect(code).toBe(7);
    expect(leftOut(said)).toEqual([
      "guest safe: stack prowlarr: not there",
      "guest media: stack radarr: guest safe: stack prowlarr is not taken over",
    ]);
    const shown = await looking(() => world.pulumi(["preview", "--diff"]));
    expect(shown).toMatch(/sudo *: "password" => "none"/);
    expect(shown).toMatch(/docker-compose.yml *: "/);
    expect(shown).toMatch(/\+ 2 to create\s+~ 2 to update/);
  });

  test("and up makes what is missing, puts back what differs, and takes the rest as it is", async () => {
    const before = ids();
    await world.up();
    await clean();
    expect(await text()).not.toContain("# by hand");
    expect(safe.state.groups.sudo?.members).not.toContain("inspector");
    expect(ids()).toEqual(expect.arrayContaining(before));
    expect(ids()).toHaveLength(before.length + 1);
  });
});

test("a run that adopts can change no guest, whatever it is asked", async () => {
  world.override([["config", "infinity-node:timezone"], "Europe/Berlin"]);
  const { code, stdout } = await looking(() =>
    pulumi(["up", "--yes", "--skip-preview", "--continue-on-error"], { [ADOPTION_VARIABLE]: "differing" }),
  );
  expect(code).not.toBe(0);
  expect(stdout).toContain("not done, adopting changes nothing");
});
