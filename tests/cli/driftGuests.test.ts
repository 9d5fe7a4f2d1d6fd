/** What is inside a VM in one look, on a simulated guest over real SSH: before it is taken over, as recorded, edited by hand. */
import { stripVTControlCharacters } from "node:util";
import { compareGuests, otherProjectLines } from "../../cli/adopt/compareGuests";
import { comparisonLines } from "../../cli/adopt/compareHouse";
import { lookAtGuests, type InsideResource } from "../../cli/drift/lookAtGuests";
import { render } from "../../cli/drift/render";
import { exitCode, type DriftReport } from "../../cli/drift/report";
import { INSIDE_KINDS } from "../../cli/guestKinds";
import { guestParts } from "../../components/guestParts";
import { parseHouse } from "../../house/house";
import type { House } from "../../house/schema";
import { plannedStacks } from "../../house/stacks/planned";
import { containers } from "../../providers/compose/containers";
import { directoryKind } from "../../providers/guest/kinds/directory";
import { dockerEngineKind } from "../../providers/guest/kinds/dockerEngine";
import { loginsKind } from "../../providers/guest/kinds/logins";
import { nfsMountKind } from "../../providers/guest/kinds/nfsMount";
import { packagesKind } from "../../providers/guest/kinds/packages";
import { sshServerKind } from "../../providers/guest/kinds/sshServer";
import { upgradesKind } from "../../providers/guest/kinds/upgrades";
import { userKind } from "../../providers/guest/kinds/user";
import { composeStackLifecycle } from "../../providers/compose/lifecycle";
import { guestLifecycle } from "../../providers/guest/lifecycle";
import { guestLifecycleOf } from "../../providers/guest/reach";
import type { Lifecycle } from "../../providers/lifecycle";
import { formatProblem } from "../../values/problem";
import { openGuest, LOOK, type TestGuest } from "../providers/guest/guest";
import { stackFolders } from "../../components/stackFolders";
import { projectRoot } from "../support/shared";

const SECRET = "s3cret-s3cret";

let guest: TestGuest;
beforeEach(async () => {
  guest = await openGuest();
});
afterEach(async () => {
  const unknown = await guest.end();
  expect(unknown).toEqual([]);
});

function described(more: object = {}) {
  const sections = {
    network: { cidr: "127.0.0.0/24" },
    hypervisor: { node: "pve", address: 5 },
    nas: { address: 43, export: "/export" },
    vms: {
      emby: {
        ...{ vmid: 100, hostname: "emby", address: 1, cpu: { cores: 1 }, memory: "1GiB", disks: {} },
        guest: {
          ...{ user: "evan", port: guest.port, hostKey: guest.hostKey },
          users: { evan: { keys: [guest.publicKey] }, inspector: { sudo: "none" } },
          ...{ sshServer: {}, upgrades: {}, docker: { packages: ["docker.io", "docker-compose"] }, mount: {} },
          ...more,
        },
        services: ["portainer"],
      },
    },
  };
  const parsed = parseHouse({ sections, folders: stackFolders(`${projectRoot}/stacks`) });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const plan = plannedStacks(parsed.house, parsed.stacks, { portainer: { ADMIN_PASSWORD: SECRET } });
  expect(plan.lacking).toEqual([]);
  return { house: parsed.house, plan, parts: guestParts(parsed.house, plan.stacks) };
}
type Described = ReturnType<typeof described>;

function lifecycles(): Readonly<Record<string, Lifecycle<never>>> {
  const { surroundings } = guest;
  const all = {
    Guest: guestLifecycleOf(surroundings.session),
    Packages: guestLifecycle(packagesKind, surroundings),
    User: guestLifecycle(userKind, surroundings),
    Logins: guestLifecycle(loginsKind, surroundings),
    SshServer: guestLifecycle(sshServerKind, surroundings),
    UnattendedUpgrades: guestLifecycle(upgradesKind, surroundings),
    DockerEngine: guestLifecycle(dockerEngineKind, surroundings),
    NfsMount: guestLifecycle(nfsMountKind, surroundings),
    Directory: guestLifecycle(directoryKind, surroundings),
    ComposeStack: composeStackLifecycle(surroundings, () => projectRoot),
  };
  return all as unknown as Readonly<Record<string, Lifecycle<never>>>;
}

/** Makes the house's parts as an `up` does, and gives back what the stack recorded. */
async function made({ parts }: Described): Promise<InsideResource[]> {
  const by = lifecycles();
  const recorded: InsideResource[] = [];
  for (const { kind, name, inputs } of parts) {
    const lifecycle = by[kind];
    if (!lifecycle) throw new Error(kind);
    const asked = kind === "Guest" ? inputs : { host: guest.ref, ...inputs };
    const { inputs: wanted, failures } = await lifecycle.check({}, asked);
    expect(failures).toEqual([]);
    const { id, outs } = await lifecycle.create(wanted);
    recorded.push({
      kind,
      name,
      id,
      project: "p",
      inputs: { ...(wanted as object) },
      outputs: { ...(outs as object) },
      secrets: [],
    });
  }
  return recorded;
}

const look = () => {
  containers.forget(guest.host);
  guest.sent();
  return { session: guest.surroundings.session, close: () => Promise.resolve() };
};

async function drift({ house, parts }: Described, resources: readonly InsideResource[]): Promise<DriftReport> {
  const { recorded, fresh } = await lookAtGuests({ house, parts, look: look(), resources });
  const checked = recorded.filter(({ state }) => state !== "unchecked").length;
  return { stack: "s", checked, total: recorded.length, parts: [...recorded, ...fresh], others: 0 };
}

const found = ({ parts }: DriftReport): string[] =>
  parts.flatMap(({ title, findings, notes }) => [
    ...findings.map(({ says, property, next }) => `${title}: ${says ?? property} (${next})`),
    ...notes.map((note) => `${title}: ${note}`),
  ]);

test("what an up made is clean, in a handful of commands on one connection; what was done by hand is told in words", async () => {
  const house = described();
  const recorded = await made(house);
  const clean = await drift(house, recorded);
  expect(found(clean)).toEqual([]);
  expect([exitCode(clean), clean.checked, clean.total]).toEqual([0, house.parts.length, house.parts.length]);
  expect(guest.sent().every((line) => line === LOOK)).toBe(true);
  await drift(house, recorded);
  expect(guest.sent().length).toBeLessThanOrEqual(5);

  await guest.by(["useradd", "-m", "-s", "/bin/bash", "mallory"]);
  guest.state.mounts = [];
  const [container] = guest.state.containers;
  Object.assign(container ?? {}, { status: "exited", exitCode: 137, pid: 0 });
  const folder = "/opt/stacks/portainer";
  const { stdout: env } = await guest.by(["cat", "--", `${folder}/.env`]);
  const edited = env.replace(SECRET, "edited-by-hand");
  await guest.host.writeFile(`${folder}/.env`, edited, { sudo: true, mode: 0o600, owner: "root:root" });
  const { stdout: text } = await guest.by(["cat", "--", `${folder}/docker-compose.yml`]);
  await guest.host.writeFile(`${folder}/docker-compose.yml`, `${text}# edited\n`, { sudo: true, owner: "root:root" });
  await guest.host.writeFile("/etc/ssh/sshd_config.d/00-a.conf", "Match all\nPasswordAuthentication yes\n", {
    sudo: true,
  });
  const report = await drift(house, recorded);
  expect(found(report)).toEqual(
    expect.arrayContaining([
      "guest emby: user added by hand: mallory may log in (leaves it - name it in users, or say otherUsers: locked)",
      "guest emby: mount /mnt/nas: share not mounted (puts it back)",
      "guest emby: stack portainer: file edited by hand: docker-compose.yml (puts it back)",
      "guest emby: stack portainer: service portainer: exited (137) (puts it back)",
      "guest emby: SSH server: SSH hardening edited: passwords may log in (puts it back)",
    ]),
  );
  expect(exitCode(report)).toBe(7);
  for (const format of ["terminal", "markdown", "json"] as const) {
    const said = render(report, format);
    expect(said).not.toContain(SECRET);
    expect(said).not.toContain("edited-by-hand");
    expect(said).toContain("share not mounted");
  }
});

test("a service that somebody stopped, and that ended well, is stopped", async () => {
  const house = described();
  const recorded = await made(house);
  const [container] = guest.state.containers;
  Object.assign(container ?? {}, { status: "exited", exitCode: 0, pid: 0 });
  expect(found(await drift(house, recorded))).toEqual([
    "guest emby: stack portainer: service portainer: stopped (exit code 0) (puts it back)",
  ]);
});

test("a Docker that hangs takes its own parts out of the look, and nobody else's", async () => {
  const house = described();
  const recorded = await made(house);
  guest.state.daemon.hangs = true;
  await guest.by(["useradd", "-m", "-s", "/bin/bash", "mallory"]);
  guest.state.mounts = [];
  const report = await drift(house, recorded);
  expect(report.parts.filter(({ state }) => state === "unchecked").map(({ title }) => title)).toEqual([
    "guest emby: stack portainer",
  ]);
  const told = [
    expect.stringMatching(/^guest emby: user added by hand: mallory may log in/),
    "guest emby: mount /mnt/nas: share not mounted (puts it back)",
    expect.stringMatching(/stack portainer: .*Docker doesn't answer: it said nothing for 45 s/),
  ];
  expect(found(report)).toEqual(expect.arrayContaining(told));
  expect(exitCode(report)).toBe(1);
});

test("a guest that lets nobody in has all of its parts told as not checked, with the reason", async () => {
  const house = described();
  const recorded = await made(house);
  await guest.host.close();
  await guest.close();
  const report = await drift(house, recorded);
  expect([report.checked, exitCode(report)]).toEqual([0, 1]);
  for (const { state, notes } of report.parts) {
    expect(state).toBe("unchecked");
    expect(notes.join()).toMatch(/refuses connections/);
  }
});

test("a stack that the house has no more and one that it has not made yet are told apart", async () => {
  const house = described();
  const recorded = await made(house);
  const report = await drift({ ...house, parts: house.parts.filter(({ kind }) => kind !== "ComposeStack") }, recorded);
  expect(found(report)).toEqual([
    "guest emby: stack portainer: it left the house: the next up forgets it, and leaves it as it is",
  ]);
  const fresh = await drift(
    house,
    recorded.filter(({ kind }) => kind !== "ComposeStack"),
  );
  expect(found(fresh)).toEqual(["guest emby: stack portainer: not in the stack yet"]);
});

test("adopt --check says of each part whether it is there and what differs, and changes nothing", async () => {
  const house = described({ otherUsers: "locked" });
  await made(house);
  const compare = async (): Promise<string[]> =>
    // CI counts as a terminal with colours.
    comparisonLines(await compareGuests(house.house, { look: look(), plan: house.plan })).map(stripVTControlCharacters);
  expect((await compare()).filter((line) => !line.startsWith("="))).toEqual([]);

  await guest.by(["useradd", "-m", "-s", "/bin/bash", "mallory"]);
  guest.state.mounts = [];
  guest.state.containers = [];
  await guest.by(["rm", "-rf", "--", "/opt/stacks/portainer"]);
  const lines = await compare();
  expect(guest.sent().every((line) => line === LOOK)).toBe(true);
  const said = lines.join("\n");
  expect(said).toContain('~ guest emby: log-ins\n    others: is ["mallory"], the house says []');
  expect(said).toContain("~ guest emby: mount /mnt/nas\n    mounted: is false, the house says true");
  expect(said).toContain("+ guest emby: stack portainer: is not there");
  expect(said).not.toContain(SECRET);
});

test("a container whose data lies elsewhere is told with both places, by adopt --check and by drift", async () => {
  const house = described();
  const recorded = await made(house);
  const [container] = guest.state.containers;
  container?.mounts?.forEach((mount) => {
    if (mount.Destination === "/data") mount.Source = "/home/evan/portainer";
  });
  expect(found(await drift(house, recorded))).toEqual([
    "guest emby: stack portainer: service portainer: its /data is /home/evan/portainer, not /srv/portainer/data (makes it anew there, once the data is there)",
  ]);
  const compared = comparisonLines(await compareGuests(house.house, { look: look(), plan: house.plan }));
  expect(compared.map(stripVTControlCharacters).join("\n")).toContain(
    'services.portainer.data./data: is "/home/evan/portainer", the house says "/srv/portainer/data"',
  );
  expect(guest.sent().every((line) => line === LOOK)).toBe(true);
});

test("a Compose project that somebody runs beside the house's is told, by its folder, and left alone", async () => {
  const house = described();
  const recorded = await made(house);
  const folder = "/home/evan/blog";
  const text = "name: blog\nservices:\n  web: { image: 'web:1' }\n  db: { image: 'db:2' }\n";
  await guest.host.makeDirectory(folder, { sudo: true });
  await guest.host.writeFile(`${folder}/docker-compose.yml`, text, { sudo: true });
  const compose = ["docker", "compose", "--project-directory", folder];
  expect((await guest.by([...compose, "up", "--detach"])).exitCode).toBe(0);

  const ways =
    "make it a stack of the house, name it in otherProjects, or take it down on the guest: docker compose -p blog down";
  const blog = "Compose project that the house doesn't have: blog (2 containers, in /home/evan/blog)";
  const report = await drift(house, recorded);
  expect(found(report)).toEqual([`guest emby: ${blog} (leaves it - ${ways})`]);
  // One look a guest, as without it.
  expect(guest.sent().length).toBeLessThanOrEqual(5);
  expect(exitCode(report)).toBe(7);
  expect(stripVTControlCharacters(render(report, "terminal"))).toContain(
    "edited, not in the house; up --refresh: leaves",
  );

  const lines = await otherProjectLines(house.house, { look: look(), plan: house.plan });
  expect(lines.map(stripVTControlCharacters)).toEqual([`? guest emby: ${blog}: left alone - ${ways}`]);
  expect(guest.sent().every((line) => line === LOOK)).toBe(true);

  const accepting = described({ otherProjects: ["blog"] });
  expect(found(await drift(accepting, recorded))).toEqual([]);
  expect(await otherProjectLines(accepting.house, { look: look(), plan: accepting.plan })).toEqual([]);

  await guest.by([...compose, "down"]);
  expect(found(await drift(house, recorded))).toEqual([]);
});

test("a stack that left the house is no stranger while it is recorded, and is one once it was forgotten", async () => {
  const house = described();
  const recorded = await made(house);
  const vms = Object.entries(house.house.vms).map(([name, vm]) => [name, { ...vm, services: [] }]);
  const without = { ...house, parts: [], house: { ...house.house, vms: Object.fromEntries(vms) as House["vms"] } };
  const strangers = (report: DriftReport) => found(report).filter((line) => line.includes("Compose project"));
  expect(strangers(await drift(without, recorded))).toEqual([]);
  const forgotten = recorded.filter(({ kind }) => kind !== "ComposeStack");
  expect(strangers(await drift(without, forgotten)).join()).toContain(
    "portainer (1 container, in /opt/stacks/portainer)",
  );
});

test("every kind of part that a house declares can be looked at", () => {
  expect(described({ otherUsers: "locked" }).parts.every(({ kind }) => kind in INSIDE_KINDS)).toBe(true);
});
