/** The lab's plugins over gRPC, as the engine asks them, without an engine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { pluginDefinitions } from "../../../lab/clouds/plugins/definitions";
import { installPlugins } from "../../../lab/clouds/plugins/install";
import { servePlugin, type ServedPlugin } from "../../../lab/clouds/plugins/serve";
import { fromStruct, secret, toStruct, UNKNOWN, type Plain } from "../../../lab/clouds/plugins/values";
import { startClouds, type LabClouds } from "../../../lab/clouds/server";
import { LAB_CLOUDS } from "../../../lab/clouds/world";

const { zone, domain, sshKey } = LAB_CLOUDS;
const DROPLET = "digitalocean:index/droplet:Droplet";
const FIREWALL = "digitalocean:index/firewall:Firewall";
const RESERVED = "digitalocean:index/reservedIp:ReservedIp";
const RECORD = "cloudflare:index/dnsRecord:DnsRecord";

const urn = (type: string): string => `urn:pulumi:lab::infinity-node::infinity:house:Parent$${type}::it`;

type Method<Request, Response> = (
  request: Request,
  done: (error: ServiceError | null, reply: Response) => void,
) => unknown;

const ask = <Request, Response>(method: Method<Request, Response>, request: Request): Promise<Response> =>
  new Promise((resolve, reject) => {
    method(request, (error, reply) => {
      if (error) reject(new Error(error.details));
      else resolve(reply);
    });
  });

class Asked {
  private readonly client: ResourceProviderClient;

  constructor(readonly served: ServedPlugin) {
    this.client = new ResourceProviderClient(`127.0.0.1:${served.port}`, credentials.createInsecure());
  }

  configure(config: Plain) {
    const request = new proto.ConfigureRequest().setArgs(toStruct(config)).setAcceptsecrets(true);
    return ask(
      this.client.configure.bind(this.client) as Method<proto.ConfigureRequest, proto.ConfigureResponse>,
      request,
    );
  }

  async checkConfig(config: Plain) {
    const request = new proto.CheckRequest().setNews(toStruct(config));
    const method = this.client.checkConfig.bind(this.client) as Method<proto.CheckRequest, proto.CheckResponse>;
    const reply = await ask(method, request);
    return { inputs: fromStruct(reply.getInputs()), failures: reply.getFailuresList().map((one) => one.getProperty()) };
  }

  async check(type: string, inputs: Plain) {
    const request = new proto.CheckRequest().setUrn(urn(type)).setNews(toStruct(inputs)).setRandomseed("seed");
    const method = this.client.check.bind(this.client) as Method<proto.CheckRequest, proto.CheckResponse>;
    const reply = await ask(method, request);
    return { inputs: fromStruct(reply.getInputs()), failures: reply.getFailuresList().map((one) => one.getProperty()) };
  }

  async diff(type: string, former: Plain, wanted: Plain) {
    const request = new proto.DiffRequest().setUrn(urn(type)).setOldInputs(toStruct(former)).setNews(toStruct(wanted));
    const method = this.client.diff.bind(this.client) as Method<proto.DiffRequest, proto.DiffResponse>;
    const reply = await ask(method, request);
    return { changed: reply.getDiffsList(), replaces: reply.getReplacesList() };
  }

  async create(type: string, inputs: Plain, preview = false) {
    const request = new proto.CreateRequest().setUrn(urn(type)).setProperties(toStruct(inputs)).setPreview(preview);
    const method = this.client.create.bind(this.client) as Method<proto.CreateRequest, proto.CreateResponse>;
    const reply = await ask(method, request);
    return { id: reply.getId(), outputs: fromStruct(reply.getProperties()) };
  }

  async read(type: string, id: string, inputs: Plain = {}) {
    const request = new proto.ReadRequest().setUrn(urn(type)).setId(id).setInputs(toStruct(inputs));
    const method = this.client.read.bind(this.client) as Method<proto.ReadRequest, proto.ReadResponse>;
    const reply = await ask(method, request);
    return { id: reply.getId(), inputs: fromStruct(reply.getInputs()), outputs: fromStruct(reply.getProperties()) };
  }

  async update(type: string, id: string, former: Plain, wanted: Plain) {
    const request = new proto.UpdateRequest()
      .setUrn(urn(type))
      .setId(id)
      .setOldInputs(toStruct(former))
      .setNews(toStruct(wanted));
    const method = this.client.update.bind(this.client) as Method<proto.UpdateRequest, proto.UpdateResponse>;
    return fromStruct((await ask(method, request)).getProperties());
  }

  remove(type: string, id: string, outputs: Plain = {}) {
    const request = new proto.DeleteRequest().setUrn(urn(type)).setId(id).setProperties(toStruct(outputs));
    return ask(this.client.delete.bind(this.client) as Method<proto.DeleteRequest, unknown>, request);
  }

  close(): void {
    this.client.close();
    this.served.close();
  }
}

let clouds: LabClouds;
let digitalocean: Asked;
let cloudflare: Asked;

async function plugin(name: string): Promise<Asked> {
  const definition = pluginDefinitions().find((one) => one.name === name);
  if (!definition) throw new Error(name);
  return new Asked(await servePlugin(definition));
}

beforeAll(async () => {
  clouds = await startClouds();
  [digitalocean, cloudflare] = [await plugin("digitalocean"), await plugin("cloudflare")];
  await digitalocean.configure({ apiEndpoint: clouds.apiEndpoint, token: secret(LAB_CLOUDS.digitaloceanToken) });
  await cloudflare.configure({ baseUrl: `${clouds.baseUrl}/`, apiToken: secret(LAB_CLOUDS.cloudflareToken) });
});
afterAll(async () => {
  digitalocean.close();
  cloudflare.close();
  await clouds.close();
});

const droplet = {
  name: "tunnel",
  size: "s-1vcpu-1gb",
  region: "nyc1",
  image: "debian-12-x64",
  sshKeys: [String(sshKey)],
};
const record = { zoneId: zone, name: `a.${domain}`, type: "A", content: "203.0.113.7", ttl: 1, proxied: false };

describe("inputs", () => {
  test.each<[string, string, Plain, string[]]>([
    ["a property that the SDK lacks", DROPLET, { ...droplet, sizes: "x" }, ["sizes"]],
    ["an image that is an object", DROPLET, { ...droplet, image: { slug: "debian-12-x64" } }, ["image"]],
    ["a missing size", DROPLET, { ...droplet, size: undefined }, ["size"]],
    ["what the lab's cloud lacks", DROPLET, { ...droplet, volumeIds: ["a"] }, ["volumeIds"]],
    [
      "a rule with a property too many",
      FIREWALL,
      { name: "f", inboundRules: [{ protocol: "tcp", ports: "22" }] },
      ["inboundRules.0.ports"],
    ],
    ["a droplet's id that is a text", FIREWALL, { name: "f", dropletIds: ["1"] }, ["dropletIds.0"]],
    ["a TTL that is a text", RECORD, { ...record, ttl: "1" }, ["ttl"]],
    ["a type that there is none of", RECORD, { ...record, type: "a" }, ["type"]],
  ])("refused: %s", async (_, type, inputs, failures) => {
    const asked = type === RECORD ? cloudflare : digitalocean;
    expect((await asked.check(type, inputs)).failures).toEqual(failures);
  });

  test("that are not known yet are no failure, and a name is made where there is none", async () => {
    expect((await cloudflare.check(RECORD, { ...record, content: UNKNOWN })).failures).toEqual([]);
    const { inputs, failures } = await digitalocean.check(FIREWALL, { dropletIds: [UNKNOWN] });
    expect(failures).toEqual([]);
    expect(inputs.name).toMatch(/^it-[0-9a-f]{7}$/);
  });

  test.each<[string, string, Plain, string[], string[]]>([
    ["user data", DROPLET, { userData: "#cloud-config" }, ["userData"], ["userData"]],
    [
      "keys, image and region",
      DROPLET,
      { sshKeys: ["1"], image: "a", region: "fra1" },
      ["image", "region", "sshKeys"],
      ["image", "region", "sshKeys"],
    ],
    ["size and name", DROPLET, { size: "s-2vcpu-2gb", name: "b" }, ["name", "size"], []],
    ["another zone", RECORD, { zoneId: "0".repeat(32) }, ["zoneId"], ["zoneId"]],
    ["address and TTL", RECORD, { content: "192.0.2.1", ttl: 60 }, ["content", "ttl"], []],
    ["a reserved address's region", RESERVED, { region: "fra1" }, ["region"], ["region"]],
  ])("a change of %s is one in place, or makes a new one", async (_, type, change, changed, replaces) => {
    const former = { [DROPLET]: droplet, [RECORD]: record, [RESERVED]: { region: "nyc1" } }[type] ?? {};
    const asked = type === RECORD ? cloudflare : digitalocean;
    expect(await asked.diff(type, former, { ...former, ...change })).toEqual({ changed, replaces });
  });

  test("in another order are no change", async () => {
    const rules = ["22", "80"].map((portRange) => ({
      protocol: "tcp",
      portRange,
      sourceAddresses: ["0.0.0.0/0", "::/0"],
    }));
    const turned = [...rules].reverse().map((rule) => ({ ...rule, sourceAddresses: ["::/0", "0.0.0.0/0"] }));
    const former = { name: "f", inboundRules: rules };
    expect(await digitalocean.diff(FIREWALL, former, { name: "f", inboundRules: turned })).toEqual({
      changed: [],
      replaces: [],
    });
  });
});

describe("a droplet", () => {
  test("in a preview has an address that is not known yet, and nothing is asked of the cloud", async () => {
    const before = clouds.calls.length;
    const { id, outputs } = await digitalocean.create(DROPLET, droplet, true);
    expect(id).toBe("");
    expect(outputs).toMatchObject({ ...droplet, ipv4Address: UNKNOWN });
    expect(clouds.calls).toHaveLength(before);
  });

  test("is made, read, resized, renamed and deleted", async () => {
    const { id, outputs } = await digitalocean.create(DROPLET, { ...droplet, userData: "secret", monitoring: true });
    expect(outputs).toMatchObject({
      status: "active",
      memory: 1024,
      vcpus: 1,
      ipv4Address: expect.stringMatching(/^203/) as string,
    });
    expect((await digitalocean.read(DROPLET, id)).inputs).toEqual({ ...droplet, sshKeys: undefined, monitoring: true });
    const bigger = { ...droplet, size: "s-2vcpu-4gb", name: "other" };
    expect(await digitalocean.update(DROPLET, id, droplet, bigger)).toMatchObject({
      size: "s-2vcpu-4gb",
      name: "other",
      status: "active",
    });
    await digitalocean.remove(DROPLET, id);
    expect((await digitalocean.read(DROPLET, id, droplet)).id).toBe("");
    // Gone already is as good as deleted.
    await digitalocean.remove(DROPLET, id);
  });

  test("with a key that the account lacks is refused in the cloud's words", async () => {
    await expect(digitalocean.create(DROPLET, { ...droplet, sshKeys: ["9"] })).rejects.toThrow(
      /422.*9 are invalid key identifiers/,
    );
  });

  test("gets a reserved address, which is given back and assigned again", async () => {
    const { id } = await digitalocean.create(DROPLET, droplet);
    const wanted = { region: "nyc1", dropletId: Number(id) };
    const made = await digitalocean.create(RESERVED, wanted);
    expect((await digitalocean.read(RESERVED, made.id)).inputs).toEqual(wanted);
    await digitalocean.update(RESERVED, made.id, wanted, { region: "nyc1" });
    expect((await digitalocean.read(RESERVED, made.id)).inputs).toEqual({ region: "nyc1" });
    await digitalocean.remove(RESERVED, made.id);
    expect((await digitalocean.read(RESERVED, made.id)).id).toBe("");
  });
});

describe("a record", () => {
  test("is made, changed, imported by zone and record, and deleted", async () => {
    const { id, outputs } = await cloudflare.create(RECORD, record);
    expect(outputs).toMatchObject({ ...record, proxiable: true });
    expect(await cloudflare.read(RECORD, `${zone}/${id}`)).toMatchObject({ id, inputs: record });
    const wanted = { ...record, content: "203.0.113.8", ttl: 300 };
    expect(await cloudflare.update(RECORD, id, record, wanted)).toMatchObject(wanted);
    await cloudflare.remove(RECORD, id, { zoneId: zone });
    expect((await cloudflare.read(RECORD, id, record)).id).toBe("");
  });

  test("that exists already is refused in the cloud's words", async () => {
    const { id } = await cloudflare.create(RECORD, record);
    await expect(cloudflare.create(RECORD, record)).rejects.toThrow(/81058.*identical record/);
    await cloudflare.remove(RECORD, id, { zoneId: zone });
  });

  test("that is proxied has no TTL of its own", async () => {
    await expect(cloudflare.create(RECORD, { ...record, proxied: true, ttl: 300 })).rejects.toThrow(/ttl must be 1/);
  });
});

describe("the configuration", () => {
  test("keeps what is secret marked, and refuses what the provider has no word for", async () => {
    const { inputs, failures } = await digitalocean.checkConfig({ token: "clear", tokens: "x", version: "4.80.1" });
    expect(inputs.token).toEqual(secret("clear"));
    expect(failures).toEqual(["tokens"]);
  });

  test("without a token is an error that names the key", async () => {
    const other = await plugin("cloudflare");
    await expect(other.configure({ baseUrl: clouds.baseUrl })).rejects.toThrow(/cloudflare:apiToken is missing/);
    other.close();
  });

  test("with a wrong token is the cloud's refusal, which doesn't repeat it", async () => {
    const other = await plugin("digitalocean");
    await other.configure({ apiEndpoint: clouds.apiEndpoint, token: "hunter2" });
    const said = await other.read(DROPLET, "1").catch((error: unknown) => String(error));
    expect(said).toMatch(/401.*Unable to authenticate/);
    expect(said).not.toMatch(/hunter2/);
    other.close();
  });
});

describe("installed in a Pulumi home", () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "lab plugins' home-"));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });
  const file = () => join(home, "plugins/resource-cloudflare-v6.22.1/pulumi-resource-cloudflare");
  const sdk = { name: "cloudflare", version: "6.22.1" };

  test("a plugin prints its port, serves while its engine does, and ends when that is gone", async () => {
    installPlugins(home, [sdk]);
    expect(statSync(file()).mode & 0o111).not.toBe(0);
    const engine = createServer().listen(0, "127.0.0.1");
    await once(engine, "listening");
    const looks = once(engine, "connection");
    const plugin = spawn(file(), [`127.0.0.1:${(engine.address() as AddressInfo).port}`], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(plugin, "exit");
    const [port] = (await once(plugin.stdout.setEncoding("utf8"), "data")) as [string];
    expect(port).toMatch(/^\d+\n$/);
    await looks;
    expect(plugin.exitCode).toBeNull();
    engine.close();
    expect(await ended).toEqual([0, null]);
  }, 25_000);

  test("one whose engine was gone before it was up ends, too", async () => {
    installPlugins(home, [sdk]);
    const plugin = spawn(file(), ["127.0.0.1:1"], { stdio: "ignore" });
    expect(await once(plugin, "exit")).toEqual([0, null]);
  }, 25_000);

  test("one that is not the lab's own stays as it is", () => {
    installPlugins(home, [sdk]);
    writeFileSync(file(), "the real one");
    installPlugins(home, [sdk]);
    expect(readFileSync(file(), "utf8")).toBe("the real one");
  });
});
