/** `infinity bootstrap` from the question whether this is the right server to the token in the stack. */
import { stripVTControlCharacters } from "node:util";
import { bootstrap, type Bootstrap } from "../../cli/bootstrap/bootstrap";
import type { Person } from "../../cli/person";
import { houseFrom } from "../../cli/readStack";
import type { RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import { selfSigned } from "../../lab/proxmox/certificate";
import { LAB_PASSWORD } from "../../lab/proxmox/seeds";
import { startLab, type Lab } from "../providers/proxmox/lab";

let lab: Lab;
let said: string[];
/** What the engine was asked, with what it got over standard input. */
let engine: [args: string, input?: string][];
beforeEach(async () => {
  lab = await startLab();
  said = [];
  engine = [];
});
afterEach(() => lab.close());

const house = (hypervisor = ""): House => {
  const text = `
  config:
    pulumi-nodejs:hypervisor: { node: infinity-node, endpoint: "${lab.proxmox.url}" ${hypervisor} }
    infinity-node:vms: { one: { vmid: 100, cpu: { cores: 1 }, memory: 1GiB, disks: { scsi0: { storage: local-lvm, size: 8GiB } } } }
`;
  return houseFrom(text, "Pulumi.home.yaml", () => undefined).house;
};

const person = (agrees: boolean): Person & { asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    secret: () => Promise.reject(new Error("not to be asked")),
    agrees: (question) => {
      asked.push(question.trim());
      return Promise.resolve(agrees);
    },
  };
};

const done: RunResult = { code: 0, stdout: "{}", stderr: "" };

const run = (more: Partial<Bootstrap> = {}): Promise<number> =>
  bootstrap({
    house: house(),
    names: { user: "infinity@pve", token: "home", role: "Infinity" },
    dryRun: false,
    newToken: false,
    yes: true,
    store: "stack",
    fingerprint: lab.proxmox.fingerprint,
    knownToken: () => Promise.resolve(undefined),
    password: () => Promise.resolve(LAB_PASSWORD),
    pulumi: (args, options) => {
      engine.push([args.join(" "), options?.input]);
      return Promise.resolve(done);
    },
    print: (line) => said.push(stripVTControlCharacters(line)),
    ...more,
  });

const text = (): string => said.join("\n");
/** The secret that this Proxmox gave out. */
const secret = (): string => lab.proxmox.world.tokens["infinity@pve!home"]?.secret ?? "no token";
const logins = (): number => lab.proxmox.calls.counts["POST /access/ticket"] ?? 0;

test("each privilege is told with its reason, the token goes to the engine by standard input, and is tried", async () => {
  expect(await run()).toBe(0);
  expect(text()).toMatch(/VM\.Config\.CPU +cores, sockets, type/);
  expect(text()).toMatch(/Sys\.Modify +the order in which VMs start \(nothing in this house yet\)/);
  expect(engine).toEqual([
    ["config --json", undefined],
    ["config set --secret --path pulumi-nodejs:hypervisor.apiToken", `infinity@pve!home=${secret()}`],
    [`config set --path pulumi-nodejs:hypervisor.tls.fingerprint ${lab.proxmox.fingerprint}`, undefined],
  ]);
  expect(text()).toContain("✓ has each of the 15 privileges");
  expect(text()).toContain("✓ may not do what is root@pam's alone");
  expect(text()).not.toContain(secret());
  expect(text()).not.toContain(LAB_PASSWORD);
});

test("--dry-run says the same, and writes nothing anywhere", async () => {
  expect(await run({ dryRun: true })).toBe(0);
  expect(text()).toContain("› make the role Infinity with 15 privileges");
  expect(text()).toContain("› make its token infinity@pve!home");
  expect([lab.writes(), engine]).toEqual([{}, []]);
});

test("run again it keeps the token, tries it, and writes nothing", async () => {
  await run();
  const token = `infinity@pve!home=${secret()}`;
  lab.writes();
  engine = [];
  expect(await run({ knownToken: () => Promise.resolve(token), house: house(pinned()) })).toBe(0);
  expect(lab.writes()).toEqual({});
  expect(engine).toEqual([["config --json", undefined]]);
  expect(text()).toContain("--new-token replaces it");
});

test("a token whose secret nobody has is not called good", async () => {
  await run();
  expect(await run()).toBe(1);
  expect(text()).toContain("infinity@pve!home was not tried");
});

test("--new-token replaces it, and --print shows it once instead of storing it", async () => {
  await run();
  const old = secret();
  engine = [];
  expect(await run({ newToken: true, store: "print" })).toBe(0);
  expect(secret()).not.toBe(old);
  expect(engine).toEqual([]);
  expect(text().split(secret())).toHaveLength(2);
});

const pinned = (fingerprint = lab.proxmox.fingerprint): string => `, tls: { fingerprint: "${fingerprint}" }`;

test("another certificate than the pinned or given one gets no password", async () => {
  const other = Array.from({ length: 32 }, () => "AB").join(":");
  await expect(run({ fingerprint: other })).rejects.toThrow(/--fingerprint is AB:.*no password was sent/);
  await expect(run({ house: house(pinned(other)) })).rejects.toThrow(/hypervisor\.tls\.fingerprint is AB:/);
  expect(text()).toContain(lab.proxmox.fingerprint);
  expect(lab.proxmox.calls.list).toEqual([]);
});

test("a certificate that signs itself is a person's to compare: a no, or nobody, gets it no password", async () => {
  await expect(run({ fingerprint: undefined })).rejects.toThrow(/give --fingerprint/);
  const no = person(false);
  await expect(run({ fingerprint: undefined, person: no })).rejects.toThrow(/no password was sent/);
  expect(no.asked).toEqual(["Is it the same?"]);
  expect(lab.proxmox.calls.list).toEqual([]);
  expect(await run({ fingerprint: undefined, person: person(true) })).toBe(0);
  expect(engine.at(-1)?.[0]).toContain(`tls.fingerprint ${lab.proxmox.fingerprint}`);
});

test("a certificate that changes after it was compared gets no password either", async () => {
  const renewed = await selfSigned();
  const password = (): Promise<string> => {
    lab.proxmox.present(renewed);
    return Promise.resolve(LAB_PASSWORD);
  };
  await expect(run({ password })).rejects.toThrow(/nothing was sent/);
  expect(logins()).toBe(0);
});

test("without a yes nothing is written", async () => {
  await expect(run({ yes: false })).rejects.toThrow(/without a terminal, give --yes/);
  await expect(run({ yes: false, person: person(false) })).rejects.toThrow(/nothing was written/);
  expect(lab.writes()).toEqual({});
  expect(await run({ yes: false, person: person(true) })).toBe(0);
});

test("a wrong password is tried once", async () => {
  await expect(run({ password: () => Promise.resolve("wrong") })).rejects.toThrow(/authentication failure/);
  expect(logins()).toBe(1);
  expect(text()).not.toContain("wrong");
});

test("a second factor is asked for where there is one", async () => {
  lab.proxmox.world.users["root@pam"] = { password: LAB_PASSWORD, totp: "123456" };
  await expect(run()).rejects.toThrow(/second factor/);
  await expect(run({ secondFactor: () => Promise.resolve("000000") })).rejects.toThrow(/authentication failure/);
  expect(await run({ secondFactor: () => Promise.resolve("123456") })).toBe(0);
});

test("a stack that can't be opened, or that has a login, is said before anything is made", async () => {
  const pulumi = () => Promise.resolve({ code: 255, stdout: "", stderr: "error: no stack named 'home' found\n" });
  await expect(run({ pulumi })).rejects.toThrow("no stack named 'home' found");
  await expect(run({ house: house(", user: root@pam, password: secret") })).rejects.toThrow(/hypervisor\.password/);
  expect(lab.proxmox.calls.list).toEqual([]);
});

test("a token that can't be stored is revoked: nobody would know its secret", async () => {
  const pulumi: Bootstrap["pulumi"] = (args) =>
    Promise.resolve(args.includes("set") ? { code: 255, stdout: "", stderr: "error: incorrect passphrase" } : done);
  await expect(run({ pulumi })).rejects.toThrow(/could not be stored: error: incorrect passphrase/);
  expect(lab.proxmox.world.tokens).not.toHaveProperty("infinity@pve!home");
});
