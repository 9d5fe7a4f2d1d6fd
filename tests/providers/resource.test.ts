/** What stands in every state that was ever written: these texts are pinned, byte for byte. */
import * as pulumi from "@pulumi/pulumi";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { Storage } from "../../providers/proxmox/storage/resource";
import { Vm } from "../../providers/proxmox/vm/resource";
import { UNKNOWN } from "../../providers/unknown";
import { projectRoot } from "../support/shared";

interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly custom?: boolean;
}

const registered: Registered[] = [];

async function register(make: () => pulumi.Resource): Promise<Registered> {
  const resource = make();
  await new Promise((done) => resource.urn.apply(done));
  const last = registered.at(-1);
  if (last === undefined) throw new Error("nothing was registered");
  return last;
}

const vm = {
  node: "pve",
  vmid: 100,
  uuid: "5dd5c0b8-9a54-4b39-8a2f-6a4f0c0f9b10",
  name: "emby",
  memory: "8GiB",
} as const;

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      registered.push(args);
      return { id: "100", state: { ...(args.inputs as object), status: "running", pending: ["memory"] } };
    },
    call: () => ({}),
  });
});

describe("the provider's text in the state", () => {
  test.each([
    [
      "a VM",
      () => new Vm("emby", vm),
      "pulumi-nodejs:dynamic/proxmox:Vm",
      'exports.handler = () => require("./engine/provider.cjs").lifecycleOf("providers/proxmox/vm/lifecycle")',
    ],
    [
      "a storage",
      () => new Storage("NAS", { storage: "NAS", type: "dir", path: "/srv" }),
      "pulumi-nodejs:dynamic/proxmox:Storage",
      'exports.handler = () => require("./engine/provider.cjs").lifecycleOf("providers/proxmox/storage/lifecycle")',
    ],
  ])("of %s is a constant that forwards to compiled code", async (_, make, type, text) => {
    const { inputs, ...resource } = await register(make);
    expect(resource.type).toBe(type);
    expect(inputs.__provider).toBe(text);
    const [, entry, module] = /require\("(.+)"\).+\("(.+)"\)/.exec(text) ?? [];
    expect(existsSync(resolve(projectRoot, entry ?? ""))).toBe(true);
    expect(existsSync(resolve(projectRoot, "bin", `${module ?? ""}.js`))).toBe(true);
  });

  test("holds no input beside what the program says", async () => {
    const { inputs } = await register(() => new Vm("emby", vm));
    expect(Object.keys(inputs).sort()).toEqual(["__provider", "memory", "name", "node", "uuid", "vmid"]);
  });

  test("is registered as the SDK registers its own dynamic resources", async () => {
    class Own extends pulumi.dynamic.Resource {
      constructor() {
        const provider = { create: () => Promise.resolve({ id: "1" }) };
        super(provider, "own", { vmid: 100 }, undefined, "proxmox", "Vm");
      }
    }
    const own = await register(() => new Own());
    const ours = await register(() => new Vm("emby", vm));
    expect(ours.type).toBe(own.type);
    expect(Object.keys(ours).sort()).toEqual(Object.keys(own).sort());
    expect(typeof own.inputs.__provider).toBe("string");
    expect(own.inputs.__provider).toContain("exports.handler");
  });

  test("resolves the outputs that are no inputs", async () => {
    const emby = new Vm("emby", vm);
    const values = await new Promise((done) => pulumi.all([emby.status, emby.pending, emby.vmid]).apply(done));
    expect(values).toEqual(["running", ["memory"], 100]);
  });

  test("what is unknown is told apart by the SDK's own constant", () => {
    expect(UNKNOWN).toBe(pulumi.runtime.unknownValue);
  });
});
