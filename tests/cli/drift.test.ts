/** What a stack recorded, what the lab's Proxmox has, and what a house wants, in one look. */
import { findings, type Three } from "../../cli/drift/findings";
import { lookForDrift } from "../../cli/drift/look";
import { recordedResources, type RecordedResource } from "../../cli/drift/recorded";
import { render } from "../../cli/drift/render";
import { exitCode, type DriftReport, type Part } from "../../cli/drift/report";
import { guestsLook } from "../../cli/guestsLook";
import { houseFrom } from "../../cli/readStack";
import { vmUuid } from "../../components/identity";
import { imageArgs } from "../../components/imageArgs";
import { vmArgs } from "../../components/vmArgs";
import type { House } from "../../house/schema";
import { declarable } from "../../house/unknowns";
import { cloudsLook } from "../../providers/clouds/look";
import { checkImage } from "../../providers/proxmox/image/check";
import { imageLifecycle } from "../../providers/proxmox/image/lifecycle";
import { checkVm } from "../../providers/proxmox/vm/check";
import { vmListing } from "../../providers/proxmox/vm/listing";
import { vmLifecycle } from "../../providers/proxmox/vm/lifecycle";
import { startLab, type Lab } from "../providers/proxmox/lab";

const NODE = "/nodes/infinity-node/qemu";

const vm = (vmid: number, more = "") => `
      vm-${vmid}: { vmid: ${vmid}, hostname: vm-${vmid}, state: stopped, memory: 1GiB, cpu: { cores: 2 },
        disks: { scsi0: { storage: local-lvm, size: 8GiB } }${more} }`;
const house = (vms: string): House => {
  const text = `
  config:
    pulumi-nodejs:hypervisor: { node: infinity-node, endpoint: "https://127.0.0.1:8006" }
    infinity-node:vms:${vms}
`;
  return houseFrom(text, "Pulumi.test.yaml", () => undefined).house;
};

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
});
afterAll(() => lab.close());

/** Makes the house's VMs as an `up` does, and gives back what the stack recorded. */
async function made(wanted: House): Promise<RecordedResource[]> {
  const lifecycle = vmLifecycle({ client: () => lab.client, rootLogin: () => true, tell: () => undefined });
  return Promise.all(
    Object.entries(declarable(wanted)).map(async ([name, machine]) => {
      const { inputs } = checkVm({}, vmArgs(wanted, machine, vmUuid("p", "s", machine.vmid)), () => true);
      const { id, outs } = await lifecycle.create(inputs);
      const state = (value: object) => ({ ...value });
      return { kind: "Vm", name, id, project: "p", inputs: state(inputs), outputs: state(outs), secrets: [] } as const;
    }),
  );
}

const look = (wanted: House, resources: readonly RecordedResource[]): Promise<DriftReport> => {
  vmListing.forget(lab.client);
  lab.calls();
  return lookForDrift({
    stack: "s",
    house: wanted,
    client: lab.client,
    clouds: cloudsLook({}, {}),
    inside: { look: guestsLook({}), parts: [] },
    resources,
    others: 0,
  });
};

test("each kind of edit is told from the others, unreachable ones apart, and nothing is written", async () => {
  const wanted = house([100, 101, 102, 103, 104].map((vmid) => vm(vmid)).join(""));
  const recorded = await made(wanted);
  const clean = await look(wanted, recorded);
  expect(lab.calls()).toEqual({ "GET /cluster/resources": 1, "GET /nodes/{node}/qemu/{vmid}/pending": 5 });
  expect([exitCode(clean), clean.checked, clean.total]).toEqual([0, 5, 5]);

  await lab.client.put(`${NODE}/100/config`, { cores: 8, net5: "virtio=BC:24:11:00:00:05,bridge=vmbr0", tags: "x" });
  await lab.client.task(await lab.client.put<string>(`${NODE}/101/resize`, { disk: "scsi0", size: "9G" }));
  await lab.client.task(await lab.client.delete<string>(`${NODE}/102`));
  lab.proxmox.faults.add({ match: { path: /103\/pending/ }, kind: "status", status: 403, text: "no", times: 99 });
  const now = house([vm(100), vm(101), vm(102), vm(103), vm(105)].join(""));
  const report = await look(now, recorded);
  expect(lab.writes()).toEqual({});
  const part = (start: string): Part | undefined => report.parts.find(({ title }) => title.startsWith(start));

  expect(part("VM 100")).toMatchObject({
    state: "drift",
    findings: [
      { kind: "edit", property: "cpu.cores", recorded: 2, live: 8, wanted: 2, next: "puts it back" },
      { kind: "unnamed", property: "net5", live: "virtio=BC:24:11:00:00:05,bridge=vmbr0" },
      { kind: "unnamed", property: "tags", live: "x" },
    ],
  });
  expect(part("VM 101")?.findings).toEqual([
    expect.objectContaining({
      property: "disks.scsi0.size",
      live: "9GiB",
      next: expect.stringContaining("write 9GiB") as string,
    }),
  ]);
  expect(part("VM 102")).toMatchObject({
    state: "drift",
    notes: ["it is not there any more", expect.stringContaining("recreate: true")],
  });
  expect(part("VM 103")).toMatchObject({ state: "unchecked", notes: [expect.stringContaining("403")] });
  expect(part("VM 104")).toMatchObject({ state: "drift", notes: [expect.stringContaining("left the house")] });
  expect(part("VM 105")).toMatchObject({ state: "new" });
  expect([report.checked, report.total, exitCode(report)]).toEqual([4, 5, 1]);
});

test("a file that Proxmox downloaded is looked at, too: replaced, gone, or not yet there", async () => {
  const { local } = lab.proxmox.world.storages;
  if (!local) throw new Error("the lab has no storage local");
  local.properties.content = "iso,import";
  const image = (name: string): string => `
      ${name}: { url: "https://cloud.debian.org/${name}.qcow2", checksum: "sha256:${"5e".repeat(32)}", storage: local }`;
  const wanted = houseFrom(
    `
  config:
    pulumi-nodejs:hypervisor: { node: infinity-node, endpoint: "https://127.0.0.1:8006" }
    infinity-node:vms: ${vm(120)}
    infinity-node:images:${["one", "two", "three"].map(image).join("")}
`,
    "Pulumi.test.yaml",
    () => undefined,
  ).house;
  const lifecycle = imageLifecycle({ client: () => lab.client, tell: () => undefined });
  const recorded = await Promise.all(
    Object.entries(wanted.images ?? {})
      .slice(0, 2)
      .map(async ([name, file]): Promise<RecordedResource> => {
        const { inputs } = checkImage({}, imageArgs(wanted, file));
        const { id, outs } = await lifecycle.create(inputs);
        return {
          kind: "DownloadedImage",
          name,
          id,
          project: "p",
          inputs: { ...inputs },
          outputs: { ...outs },
          secrets: [],
        };
      }),
  );
  const states = async () =>
    Object.fromEntries((await look(wanted, recorded)).parts.map(({ title, state }) => [title, state]));
  const before = { "image one": "clean", "image two": "clean", "image three": "new", "VM 120 vm-120": "new" };
  expect(await states()).toEqual(before);

  const { volumes } = lab.proxmox.world;
  Object.assign(volumes["local:import/one.qcow2"] ?? {}, { size: 1, fileSize: 1 });
  Reflect.deleteProperty(volumes, "local:import/two.qcow2");
  expect(await states()).toEqual({ ...before, "image one": "drift", "image two": "drift" });
  expect(lab.writes()).toEqual({});
});

const three = (more: Partial<Three>): Three => ({ recorded: {}, live: {}, wanted: {}, secrets: [], ...more });

test("what a refresh wrote into the state is still not as the house says", () => {
  expect(
    findings(three({ recorded: { memory: "2GiB" }, live: { memory: "2GiB" }, wanted: { memory: "1GiB" } })),
  ).toEqual([
    { kind: "change", property: "memory", recorded: "2GiB", live: "2GiB", wanted: "1GiB", next: "changes it" },
  ]);
});

test("an edit that the house has taken up since is recorded, not undone", () => {
  const found = findings(three({ recorded: { cores: 2 }, live: { cores: 4 }, wanted: { cores: 4 } }));
  expect(found).toMatchObject([{ kind: "edit", property: "cores", next: "records it" }]);
});

test("a secret is compared and never shown, in any format", () => {
  const wrapped = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"hunter2"' };
  const resource = {
    urn: "urn:pulumi:s::p::a$pulumi-nodejs:dynamic/proxmox:Vm::emby",
    type: "pulumi-nodejs:dynamic/proxmox:Vm",
    custom: true,
    id: "100",
    inputs: { __provider: "text", cloudInit: { user: wrapped } },
    outputs: {},
  };
  const cloud = {
    urn: "urn:pulumi:s::p::random:index/randomId:RandomId::d",
    type: "random:index/randomId:RandomId",
    custom: true,
  };
  const { resources, others } = recordedResources(JSON.stringify({ deployment: { resources: [resource, cloud] } }));
  expect(others).toBe(1);
  expect(resources).toMatchObject([
    { kind: "Vm", name: "emby", project: "p", inputs: { cloudInit: { user: "hunter2" } }, secrets: ["cloudInit.user"] },
  ]);
  const found = findings(
    three({
      recorded: resources[0]?.inputs,
      live: { cloudInit: { user: "hunter3" } },
      wanted: { cloudInit: { user: "hunter2" } },
      secrets: resources[0]?.secrets,
    }),
  );
  expect(found).toMatchObject([{ property: "cloudInit.user", recorded: "[secret]", live: "[secret]" }]);
  const report: DriftReport = {
    stack: "s",
    checked: 1,
    total: 1,
    others,
    parts: [{ title: "VM 100 emby", state: "drift", findings: found, notes: [] }],
  };
  for (const format of ["terminal", "markdown", "json"] as const) {
    const text = render(report, format);
    expect(text).toContain("cloudInit.user");
    expect(text).not.toContain("hunter");
  }
  expect(JSON.parse(render(report, "json"))).toMatchObject({ exitCode: 7, checked: 1, total: 1 });
});

test("Markdown stays a table, whatever a value holds", () => {
  const finding = {
    kind: "edit",
    property: "description",
    recorded: "a",
    live: "x | y\n<b>",
    next: "puts it back",
  } as const;
  const report: DriftReport = {
    stack: "s",
    checked: 1,
    total: 1,
    others: 0,
    parts: [{ title: "VM 1 a", state: "drift", findings: [finding], notes: [] }],
  };
  expect(render(report, "markdown")).toContain(
    "| description | a | x \\| y<br>\\<b\\> | none | edited; up --refresh: puts it back |",
  );
});

test("an empty stack is not taken for one without drift", () => {
  expect(exitCode({ stack: "s", checked: 0, total: 0, others: 3, parts: [] })).toBe(1);
});
