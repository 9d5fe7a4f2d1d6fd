/** What is inside the VMs: common to all and own to one, what is wrong with it, and which stacks are deployed in which order. */
import { guestArgs, loginsArgs, mountArgs, packagesArgs, usersArgs } from "../../components/guestArgs";
import { ownSpec } from "../../components/stackFolders";
import { knownGuests } from "../../house/guests";
import { parseHouse } from "../../house/house";
import type { House } from "../../house/schema";
import type { StackFolders } from "../../house/stacks/folder";
import { leftOutWarnings, plannedStacks, serviceUrls } from "../../house/stacks/planned";
import { unaskedRemovals } from "../../house/stacks/removal";
import { formatProblem } from "../../values/problem";

const VM = { vmid: 100, address: 20, cpu: { cores: 1 }, memory: "1GiB", disks: {} };

const sections = (vm: object, more: object = {}): Record<string, unknown> => ({
  network: { cidr: "10.1.2.0/24" },
  hypervisor: { node: "pve", address: 5 },
  nas: { address: 43, export: "/export" },
  vms: { media: { ...VM, ...vm } },
  ...more,
});

function house(vm: object, more: object = {}, folders?: StackFolders) {
  const result = parseHouse({ sections: sections(vm, more), folders });
  if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result;
}

const guestOf = (parsed: { readonly house: House }) => {
  const guest = knownGuests(parsed.house).media;
  if (!guest) throw new Error("no guest");
  return guest;
};

test("a VM's own guest wins over what all have, key by key", () => {
  const guests = {
    user: "evan",
    upgrades: { reboot: "04:00" },
    mount: { away: "hard" },
    users: { evan: { groups: ["docker"] } },
  };
  const parsed = house({ guest: { upgrades: { reboot: false }, mount: { readOnly: true }, port: 2222 } }, { guests });
  const guest = guestOf(parsed);
  expect(guestArgs("media", guest)).toMatchObject({ name: "media", address: "10.1.2.20", port: 2222, user: "evan" });
  expect(guest.upgrades).toEqual({ reboot: false });
  expect(usersArgs(guest)).toEqual({ evan: { name: "evan", groups: ["docker"], authorizedKeys: undefined } });
  expect(packagesArgs(guest)).toEqual({ set: "house", names: ["nfs-common", "unattended-upgrades"] });
  expect(mountArgs(parsed.house, guest)).toEqual({
    target: "/mnt/nas",
    source: "10.1.2.43:/export",
    readOnly: true,
    away: "hard",
  });
});

test("where others are to be locked, the house's users and whoever logs in are known", () => {
  const asked = (more: object) => {
    const guest = { user: "deploy", users: { evan: {} }, ...more };
    const parsed = house({ guest, cloudInit: { storage: "local-lvm", user: "first" } });
    return loginsArgs(parsed.house, "media", guestOf(parsed));
  };
  expect(asked({})).toBeUndefined();
  expect(asked({ otherUsers: "locked" })).toEqual({ known: ["deploy", "evan", "first"] });
});

test("a house that looks into no VM has no guests, and one without packages asks for none", () => {
  expect(knownGuests(house({}).house)).toEqual({});
  expect(packagesArgs(guestOf(house({ guest: { user: "evan" } })))).toBeUndefined();
});

test.each<readonly [string, object, object, string]>([
  ["no address", { address: undefined, guest: { user: "x" } }, {}, "vms.media.guest: nobody knows where it answers"],
  ["a stopped VM", { state: "stopped", guest: { user: "x" } }, {}, "vms.media.guest: the VM is to be stopped"],
  ["no user", { guest: {} }, {}, "vms.media.guest.user: who logs in must be said"],
  [
    "no sudo for who logs in",
    { guest: { user: "x", users: { x: { sudo: "none" } } } },
    {},
    "vms.media.guest.users.x.sudo: none: ",
  ],
  [
    "no key for who logs in",
    { guest: { user: "x", users: { x: { keys: [] } } } },
    {},
    "vms.media.guest.users.x.keys: ",
  ],
  ["root locked out", { guest: { user: "root", sshServer: {} } }, {}, "vms.media.guest.sshServer.rootLogin: "],
  ["no NAS", { guest: { user: "x", mount: {} } }, { nas: undefined }, "vms.media.guest.mount: the house has no NAS"],
])("refused: %s", (_, vm, more, message) => {
  const given = Object.fromEntries(Object.entries(sections(vm, more)).filter(([, value]) => value !== undefined));
  const result = parseHouse({ sections: given });
  expect("problems" in result ? result.problems.map(formatProblem) : []).toEqual([expect.stringContaining(message)]);
});

describe("stacks", () => {
  const stack = (name: string, needs: string, variable = ""): Record<string, string> => ({
    "docker-compose.yml": `name: ${name}
x-infinity:
  purpose: A test
  priority: none
  needs: [${needs}]
  web: { ${name}: { port: 8${name.charCodeAt(0)} } }
  backup: { note: nothing }
services:
  ${name}:
    image: docker.io/library/${name}:1.2.3
    restart: unless-stopped
    ports: ["8${name.charCodeAt(0)}:80"]
    healthcheck: { test: [CMD, "true"] }
    logging: { driver: local, options: { max-size: 10m, max-file: "3" } }
${variable === "" ? "" : `    environment: { ${variable}: "\${${variable}:?}" }\n`}`,
    ".env.example": variable === "" ? "" : `# A password. [secret]\n${variable}=\n`,
  });
  const all: Record<string, Record<string, string>> = {
    front: stack("front", "store"),
    store: stack("store", "", "STORE_PASSWORD"),
  };
  const folders: StackFolders = {
    names: Object.keys(all),
    read: (name) => (all[name] ? { name, files: all[name] } : undefined),
    spec: ownSpec,
  };
  const running = { guest: { user: "x", docker: {} }, services: ["front", "store"] };

  test("come after what they need, and have an address", () => {
    const parsed = house(running, {}, folders);
    const { stacks, lacking } = plannedStacks(parsed.house, parsed.stacks, { store: { STORE_PASSWORD: "p" } });
    expect(lacking).toEqual([]);
    expect(stacks.map(({ vm, deployment }) => `${vm}/${deployment.project}`)).toEqual(["media/store", "media/front"]);
    expect(serviceUrls(parsed.house, stacks)).toEqual({
      media: { front: { front: "http://10.1.2.20:8102" }, store: { store: "http://10.1.2.20:8115" } },
    });
  });

  test("that lack a value are left out and told; the others are deployed", () => {
    const parsed = house(running, {}, folders);
    const plan = plannedStacks(parsed.house, parsed.stacks, {});
    const { stacks, lacking } = plan;
    expect(stacks.map(({ deployment }) => deployment.project)).toEqual(["front"]);
    expect(lacking.map(({ path }) => path)).toEqual(["secrets.store.STORE_PASSWORD"]);
    expect(plan.leftOut.map(({ vm, stack: { name } }) => `${vm}/${name}`)).toEqual(["media/store"]);
    // Only of what somebody would miss at once.
    const said = leftOutWarnings(plan);
    expect(said).toEqual([]);
    const critical = plan.leftOut.map((one) => ({ ...one, stack: { ...one.stack, priority: "critical" as const } }));
    expect(leftOutWarnings({ ...plan, leftOut: critical }).join("\n")).toMatch(
      /^store on media is critical, and left out: this run deploys nothing of it\n {2}secrets\.store\.STORE_PASSWORD: store on media needs it - set it: /,
    );
  });

  const ending = { deletable: true, deleteVolumes: true };

  test("say what becomes of them, each for itself; nothing where nothing is said", () => {
    const services = ["front", { store: ending }];
    const parsed = house({ ...running, services }, {}, folders);
    const plan = plannedStacks(parsed.house, parsed.stacks, { store: { STORE_PASSWORD: "p" } });
    expect(plan.stacks.map(({ stack: { name }, removal }) => [name, removal])).toEqual([
      ["store", ending],
      ["front", {}],
    ]);
    expect(unaskedRemovals(parsed.house, plan)).toEqual([]);
  });

  test.each<[string, object, string]>([
    ["lacks a value", running, "see to what it lacks (secrets.store.STORE_PASSWORD: "],
    ["is on a VM that the house doesn't look into", {}, "see to what it lacks (of media: its figures, guest, docker)"],
    ["is on a VM whose RAM nobody knows", { ...running, memory: undefined }, "see to what it lacks ("],
  ])("that may go and %s is not taken away for that", (_, vm, fix) => {
    for (const deletable of [true, false]) {
      const parsed = house({ ...vm, services: [{ store: { deletable } }] }, {}, folders);
      const said = unaskedRemovals(parsed.house, plannedStacks(parsed.house, parsed.stacks, {})).map(formatProblem);
      const problem = "vms.media.services.0: store: is deletable, and this run would not deploy it: ";
      expect(said).toEqual(deletable ? [expect.stringContaining(problem)] : []);
      for (const one of said) expect(one).toContain(` - ${fix}`);
    }
  });

  test("are not deployed where the house doesn't look into the VM, or has no Docker on it", () => {
    for (const vm of [{ services: ["front"] }, { services: ["front"], guest: { user: "x" } }]) {
      const parsed = house(vm, {}, folders);
      expect(plannedStacks(parsed.house, parsed.stacks, {})).toEqual({ stacks: [], leftOut: [], lacking: [] });
    }
  });
});
