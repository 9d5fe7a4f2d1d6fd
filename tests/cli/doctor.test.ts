/** `infinity doctor`: each thing that can be wrong is found, told apart from the others, and has its fix. */
import { createServer, type Server } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { examine, type Doctor } from "../../cli/doctor/doctor";
import { render } from "../../cli/doctor/render";
import { exitCode, type DoctorReport, type Finding } from "../../cli/doctor/report";
import { houseFrom } from "../../cli/readStack";
import type { RunResult } from "../../engine/run";
import { neededPrivileges } from "../../house/privileges";
import { startClouds, type LabClouds } from "../../lab/clouds/server";
import { LAB_CLOUDS } from "../../lab/clouds/world";
import { systemClock } from "../../lab/proxmox/clock";
import { sdkVersion } from "../../lab/clouds/plugins/versions";
import { projectRoot } from "../support/shared";
import { startLab, type Lab } from "../providers/proxmox/lab";

const SECRET = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
const TOKEN = `infinity@pve!home=${SECRET}`;
const { zone, domain, sshKey, digitaloceanToken, cloudflareToken } = LAB_CLOUDS;

let lab: Lab;
let clouds: LabClouds;
/** Seconds that the Proxmox's clock is ahead. */
let ahead: number;

interface Given {
  readonly hypervisor?: object;
  readonly vm?: object;
  readonly tunnel?: object;
  readonly droplet?: object;
  readonly config?: Readonly<Record<string, string | undefined>>;
  /** What the engine answers to a command, by its first word. */
  readonly engine?: Readonly<Record<string, Partial<RunResult>>>;
  readonly origin?: Doctor["engine"]["origin"];
}

const disk = { storage: "local-lvm", size: "8GiB" };

/** The sections of a house with one of each. */
function sectionsOf({ hypervisor, vm, tunnel, droplet }: Given) {
  const { url: endpoint, fingerprint } = lab.proxmox;
  const made = { size: "s-1vcpu-1gb", region: "nyc1", image: "debian-12-x64", sshKeys: [sshKey], ...droplet };
  return {
    hypervisor: { node: "infinity-node", endpoint, tls: { fingerprint }, apiToken: TOKEN, ...hypervisor },
    storages: {
      "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data" },
      NAS: { type: "nfs", server: "192.168.86.43", export: "/x" },
    },
    domain,
    tunnel: { server: "203.0.113.9", endpoint: "pangolin", zone, droplet: made, ...tunnel },
    vms: {
      one: {
        ...{ vmid: 100, cpu: { cores: 1 }, memory: "1GiB", startup: { order: 1 }, state: "running" },
        ...{ disks: { scsi0: disk, scsi1: { storage: "NAS", size: "1GiB" } }, cloudInit: { storage: "local-lvm" } },
        ...vm,
      },
    },
  };
}

const namespaced = (section: string): string =>
  `${["hypervisor", "network"].includes(section) ? "pulumi-nodejs" : "infinity-node"}:${section}`;

function doctorOf(given: Given): Doctor {
  const entries = Object.entries(sectionsOf(given)).map(([name, value]) => [namespaced(name), value] as const);
  const file = JSON.stringify({ config: Object.fromEntries(entries) });
  const config = {
    ...Object.fromEntries(
      entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    "digitalocean:token": digitaloceanToken,
    "digitalocean:apiEndpoint": clouds.apiEndpoint,
    "cloudflare:apiToken": cloudflareToken,
    "cloudflare:baseUrl": clouds.baseUrl,
    ...given.config,
  };
  const values = Object.entries(config).map(([key, value]) => [key, { value }]);
  const plugins = (["digitalocean", "cloudflare"] as const).map((name) => ({
    ...{ name, kind: "resource", version: sdkVersion(name) },
  }));
  const answers: Record<string, unknown> = {
    whoami: { user: "evan", url: "file:///nowhere?metadata=skip" },
    stack: { deployment: { resources: [{}, {}] } },
    config: Object.fromEntries(values) as unknown,
    plugin: plugins,
  };
  return {
    ...houseFrom(file, "Pulumi.home.yaml", () => undefined),
    stack: "home",
    root: projectRoot,
    engine: { version: "3.259.0", source: "the cached copy", origin: given.origin ?? "go" },
    pulumi: ([command = ""]) =>
      Promise.resolve({ code: 0, stdout: JSON.stringify(answers[command]), stderr: "", ...given.engine?.[command] }),
    format: "terminal",
    env: {},
    timeoutMs: 4_000,
    print: () => undefined,
  };
}

const look = (given: Given = {}): Promise<DoctorReport> => examine(doctorOf(given));

/** What is not fine, as `what: result`. */
const unwell = ({ findings }: DoctorReport): string[] =>
  findings.filter(({ result }) => result !== "fine").map(({ what, result }) => `${what}: ${result}`);

function find({ findings }: DoctorReport, what: string): Finding {
  const found = findings.find((finding) => finding.what === what);
  if (!found) throw new Error(`no finding on ${what} among ${findings.map((one) => one.what).join(", ")}`);
  return found;
}

beforeAll(async () => {
  clouds = await startClouds();
});
afterAll(() => clouds.close());
beforeEach(async () => {
  ahead = 0;
  lab = await startLab({ clock: { ...systemClock, now: () => systemClock.now() + ahead } });
  const { world } = lab.proxmox;
  const { house } = doctorOf({});
  world.users["infinity@pve"] = {};
  world.tokens["infinity@pve!home"] = { secret: SECRET, privsep: false };
  world.roles.Infinity = neededPrivileges(house).map(({ name }) => name);
  world.acl.push({ path: "/", type: "user", ugid: "infinity@pve", roleid: "Infinity", propagate: true });
  await lab.client.post("/storage", {
    storage: "NAS",
    type: "nfs",
    server: "192.168.86.43",
    export: "/x",
    content: "images",
  });
  lab.proxmox.calls.reset();
  clouds.calls.length = 0;
});
afterEach(() => lab.close());

test("where all is well it says so, has sent nothing but GET, and shows no secret", async () => {
  const report = await look();
  expect(unwell(report)).toEqual([]);
  expect(exitCode(report)).toBe(0);
  expect(report.findings.map(({ area, what }) => `${area}: ${what}`)).toEqual([
    ...["Pulumi", "login", "stack", "secrets", "lock", "plugin digitalocean", "plugin cloudflare"].map(
      (what) => `engine: ${what}`,
    ),
    ...["endpoint", "certificate", "clock", "credential", "version", "node", "privileges"].map(
      (what) => `Proxmox: ${what}`,
    ),
    ...["storage NAS", "storage local-lvm", "bridge vmbr0"].map((what) => `Proxmox: ${what}`),
    ...["token", "region", "size", "image", `SSH key ${sshKey}`].map((what) => `DigitalOcean: ${what}`),
    ...["token", "zone", "records"].map((what) => `Cloudflare: ${what}`),
  ]);
  expect([...lab.proxmox.calls.list, ...clouds.calls].filter(({ method }) => method !== "GET")).toEqual([]);
  for (const format of ["terminal", "json"] as const) {
    const text = render(report, format);
    for (const secret of [SECRET, cloudflareToken]) expect(text).not.toContain(secret);
  }
});

test("a missing privilege is told with the fields that fail for it, and no other", async () => {
  const { roles, acl } = lab.proxmox.world;
  roles.Infinity = (roles.Infinity ?? []).filter((name) => name !== "VM.Config.CPU" && name !== "Sys.Modify");
  const report = await look();
  expect(unwell(report)).toEqual(["VM.Config.CPU: wrong", "Sys.Modify: wrong"]);
  expect(find(report, "VM.Config.CPU")).toMatchObject({
    detail: "cores, sockets, type: missing for vms.one.cpu (at /vms/100)",
    fix: expect.stringContaining("infinity bootstrap --stack home") as string,
  });
  expect(find(report, "Sys.Modify").detail).toContain("vms.one.startup (at /)");
  expect(exitCode(report)).toBe(1);
  // Given at the root, and taken away below it.
  roles.Infinity = [...roles.Infinity, "VM.Config.CPU", "Sys.Modify"];
  acl.push({ path: "/storage/NAS", type: "user", ugid: "infinity@pve", roleid: "PVEAuditor", propagate: true });
  expect(find(await look(), "Datastore.AllocateSpace").detail).toContain("vms.one.disks.scsi1 (at /storage/NAS)");
});

test("what the house doesn't use is not missed", async () => {
  const { roles } = lab.proxmox.world;
  roles.Infinity = (roles.Infinity ?? []).filter((name) => !/Cloudinit|CDROM|Sys\.Modify/.test(name));
  expect(unwell(await look({ vm: { startup: undefined, cloudInit: undefined } }))).toEqual([]);
});

test("another certificate than the pinned one: what it shows is said, and it gets no request", async () => {
  const fingerprint = Array.from({ length: 32 }, () => "AB").join(":");
  const report = await look({ hypervisor: { tls: { fingerprint } } });
  expect(find(report, "certificate")).toMatchObject({
    result: "wrong",
    detail: `shows ${lab.proxmox.fingerprint}, pinned is ${fingerprint}`,
  });
  for (const what of ["credential", "node", "privileges"]) expect(find(report, what).result).toBe("untried");
  expect(lab.proxmox.calls.list).toEqual([]);
  // The clouds are told all the same.
  expect(find(report, "zone").result).toBe("fine");
});

test("a self-signed certificate that nobody pinned is shown, and gets no request", async () => {
  const report = await look({ hypervisor: { tls: undefined } });
  expect(find(report, "certificate").detail).toContain(lab.proxmox.fingerprint);
  expect(find(report, "certificate").fix).toContain("hypervisor.tls.fingerprint");
  expect(lab.proxmox.calls.list).toEqual([]);
});

test("a revoked token, a token of nobody's form, and none at all", async () => {
  Reflect.deleteProperty(lab.proxmox.world.tokens, "infinity@pve!home");
  const revoked = await look();
  expect(find(revoked, "credential")).toMatchObject({
    result: "wrong",
    detail: "token infinity@pve!home: no such token 'home' for user 'infinity@pve'",
    fix: expect.stringContaining("--new-token") as string,
  });
  expect(find(revoked, "privileges").result).toBe("untried");
  const none = find(await look({ hypervisor: { apiToken: undefined } }), "connection");
  expect(none.detail).toContain("credentials are missing");
  expect(none.fix).toContain("infinity bootstrap");
});

test("an endpoint where nobody listens, and one that never answers, within the time-out", async () => {
  const refused = await look({ hypervisor: { endpoint: "https://127.0.0.1:1" } });
  expect(find(refused, "endpoint")).toMatchObject({
    detail: expect.stringContaining("refuses connections") as string,
    fix: expect.stringContaining("systemctl status pveproxy") as string,
  });
  const silent: Server = createServer(() => undefined);
  const port = await new Promise<number>((resolve) => {
    silent.listen(0, "127.0.0.1", () => {
      resolve((silent.address() as { port: number }).port);
    });
  });
  try {
    const given = { ...doctorOf({ hypervisor: { endpoint: `https://127.0.0.1:${port}` } }), timeoutMs: 300 };
    const report = await examine(given);
    expect(find(report, "endpoint").detail).toContain("can't be reached");
    expect(exitCode(report)).toBe(1);
  } finally {
    silent.close();
  }
});

test("a node of another name", async () => {
  const report = await look({ hypervisor: { node: "elsewhere" } });
  expect(find(report, "node")).toMatchObject({
    detail: "there is no elsewhere",
    fix: "set hypervisor.node to one of: infinity-node",
  });
});

test("storages: not there yet, turned off, silent, without images, or nobody's", async () => {
  const { world } = lab.proxmox;
  world.nfsServers = [];
  expect(find(await look(), "storage NAS")).toMatchObject({
    result: "wrong",
    detail: expect.stringMatching(/not active.*vms\.one\.disks\.scsi1/) as string,
  });
  world.nfsServers = ["*"];
  await lab.client.put("/storage/NAS", { disable: true });
  expect(find(await look(), "storage NAS").detail).toContain("turned off");
  await lab.client.put("/storage/NAS", { disable: false, content: "iso,backup" });
  expect(find(await look(), "storage NAS").detail).toContain("holds backup, iso and no images");
  await lab.client.delete("/storage/NAS");
  expect(find(await look(), "storage NAS")).toMatchObject({
    result: "note",
    detail: expect.stringContaining("the next up defines it") as string,
  });
});

test("a bridge that is not there", async () => {
  const report = await look({ vm: { nics: { net0: {}, net1: { bridge: "vmbr7" } } } });
  expect(unwell(report)).toEqual(["bridge vmbr7: wrong"]);
  expect(find(report, "bridge vmbr7").detail).toContain("vms.one.nics.net1");
});

test.each([
  [60, "note"],
  [600, "wrong"],
] as const)("a clock that is %d s ahead: %s", async (seconds, result) => {
  ahead = seconds;
  expect(find(await look(), "clock")).toMatchObject({ result, detail: expect.stringContaining("ahead of") as string });
});

test("a token of Cloudflare that is wrong, or a zone that is another domain's or nobody's", async () => {
  const cloudflare = ({ findings }: DoctorReport) => findings.filter(({ area }) => area === "Cloudflare");
  const wrong = cloudflare(await look({ config: { "cloudflare:apiToken": "0".repeat(40) } }));
  expect(wrong).toMatchObject([{ what: "token", result: "wrong", detail: "403 Authentication error" }]);
  const none = cloudflare(await look({ config: { "cloudflare:apiToken": undefined } }));
  expect(none).toMatchObject([{ what: "token", result: "wrong", detail: "there is none, and the house has names" }]);
  const other = cloudflare(await look({ tunnel: { zone: "f".repeat(32) } }));
  expect(other.map(({ what, result }) => `${what}: ${result}`)).toEqual(["token: fine", "zone: wrong"]);
  const id = "e".repeat(32);
  clouds.world.cloudflare.zones[id] = { id, name: "other.example", records: {} };
  const another = find(await look({ tunnel: { zone: id } }), "zone");
  expect(another.detail).toBe(`is other.example's, the house's domain is ${domain}`);
  Reflect.deleteProperty(clouds.world.cloudflare.zones, id);
});

test("a token of DigitalOcean that is wrong, and what is not to be had there", async () => {
  const digitalocean = ({ findings }: DoctorReport) => findings.filter(({ area }) => area === "DigitalOcean");
  expect(digitalocean(await look({ config: { "digitalocean:token": "dop_v1_no" } }))).toMatchObject([
    { what: "token", result: "wrong", detail: "401 Unable to authenticate you" },
  ]);
  const droplet = { size: "s-3vcpu-1gb", region: "nyc9", image: "debian-3-x64", sshKeys: [7] };
  expect(unwell(await look({ droplet }))).toEqual(["region: wrong", "size: wrong", "image: wrong", "SSH key 7: wrong"]);
});

test("a cloud that can't be reached hides nothing else", async () => {
  const report = await look({ config: { "digitalocean:apiEndpoint": "http://127.0.0.1:1" } });
  expect(report.findings.filter(({ area }) => area === "DigitalOcean")).toMatchObject([{ result: "wrong" }]);
  expect(unwell(report)).toHaveLength(1);
});

test("nobody logged in: the engine's own words, and Proxmox tried with what the file and the environment say", async () => {
  const report = await look({ engine: { whoami: { code: 3, stderr: "error: PULUMI_ACCESS_TOKEN must be set" } } });
  expect(find(report, "login")).toMatchObject({ result: "wrong", detail: "PULUMI_ACCESS_TOKEN must be set" });
  expect(find(report, "secrets").result).toBe("untried");
  expect(find(report, "credential").result).toBe("fine");
});

test("no such stack, a passphrase that is wrong, a killed run, a plugin that is not installed", async () => {
  const noStack = { code: 255, stdout: "", stderr: "error: no stack named 'home' found" };
  const missing = await look({ engine: { stack: noStack, config: noStack } });
  expect(find(missing, "stack")).toMatchObject({ result: "wrong", fix: "npx infinity pulumi stack init home" });
  const wrong = { code: 255, stdout: "", stderr: "error: could not deserialize deployment: incorrect passphrase" };
  const locked = await look({ engine: { stack: wrong, config: wrong } });
  expect(find(locked, "secrets")).toMatchObject({
    result: "wrong",
    fix: expect.stringContaining("PULUMI_CONFIG_PASSPHRASE") as string,
  });
  const killed = { stdout: JSON.stringify({ deployment: { resources: [], pending_operations: [{}] } }) };
  expect(find(await look({ engine: { stack: killed } }), "stack").result).toBe("note");
  const plugin = { stdout: "[]" };
  expect(find(await look({ engine: { plugin } }), "plugin cloudflare").result).toBe("wrong");
  expect(find(await look({ engine: { plugin }, origin: "official" }), "plugin cloudflare").result).toBe("note");
});

test("what root@pam alone may set is named, unless the node's SSH is given", async () => {
  const vm = {
    disks: { scsi0: disk, scsi1: { physical: true, path: "/dev/disk/by-id/x" } },
    pci: { hostpci0: { device: "00:02.0" }, hostpci1: { mapping: "igpu" } },
  };
  const found = find(await look({ vm }), "what takes root");
  expect(found).toMatchObject({ result: "note", fix: expect.stringContaining("hypervisor.ssh") as string });
  expect(JSON.stringify(found)).toMatch(/disks\.scsi1, vms\.[a-z]+\.pci\.hostpci0:/);
  const ssh = { hostKey: `SHA256:${"A".repeat(43)}` };
  expect(JSON.stringify(await look({ vm, hypervisor: { ssh } }))).not.toContain("what takes root");
});

test("told to a terminal each wrong thing has its fix below it; told to a program it has the exit code", async () => {
  const report = await look({ hypervisor: { node: "elsewhere" } });
  const text = stripVTControlCharacters(render(report, "terminal"));
  expect(text).toMatch(/ ✗ {2}node +there is no elsewhere\n +→ set hypervisor\.node to one of: infinity-node/);
  expect(text).toMatch(/\d+ of \d+ fine, 1 wrong, 3 not tried; nothing was changed$/);
  expect(JSON.parse(render(report, "json"))).toMatchObject({ stack: "home", exitCode: 1 });
});
