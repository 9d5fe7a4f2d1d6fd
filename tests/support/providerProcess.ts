/**
 * The dynamic-provider process of the Pulumi SDK, as the engine runs it, without the engine: started in the checkout,
 * spoken to over gRPC. Each test ends the one it started.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as status from "@pulumi/pulumi/proto/status_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { forwarder } from "../../providers/resource";
import { projectRoot } from "./shared";

type Props = Readonly<Record<string, unknown>>;

/** What the engine learns of a failed create or update. */
export interface Failure {
  readonly message: string;
  /** Where something was made all the same. */
  readonly made?: { readonly id: string; readonly properties: Props; readonly reasons: readonly string[] };
}

export interface ProviderProcess {
  check(olds: Props, news: Props): Promise<{ inputs: Props; failures: { property: string; reason: string }[] }>;
  diff(id: string, olds: Props, news: Props): Promise<{ changes: number; replaces: readonly string[] }>;
  create(inputs: Props): Promise<{ id: string; properties: Props }>;
  read(id: string, properties: Props): Promise<{ id: string; properties?: Props; inputs?: Props }>;
  update(id: string, olds: Props, news: Props): Promise<Props>;
  delete(id: string, properties: Props): Promise<void>;
  /** Ends the engine that it was started by, and resolves when the process has ended, too. */
  loseEngine(): Promise<void>;
  /** What it wrote to its standard error so far: what people would see. */
  stderr(): string;
  stop(): Promise<void>;
}

const struct = (props: Props): Struct => Struct.fromJavaScript(props as Record<string, JavaScriptValue>);
const plain = (message: Struct | undefined): Props => message?.toJavaScript() ?? {};

function failureOf(error: grpc.ServiceError): Failure {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) return { message: error.details };
  const [detail] = status.Status.deserializeBinary(bytes).getDetailsList();
  const made = provider.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
  const properties = plain(made.getProperties());
  return { message: error.details, made: { id: made.getId(), properties, reasons: made.getReasonsList() } };
}

/** @throws Failure */
function asked<T>(send: (callback: (error: grpc.ServiceError | null, answer: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, answer) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- data, as the engine takes it
      if (error) reject(failureOf(error));
      else resolve(answer);
    });
  });
}

/**
 * @param module of the resource: `providers/proxmox/vm/lifecycle`.
 * @param env added to the process's environment: what the engine hands over.
 */
export async function startProvider(module: string, env: NodeJS.ProcessEnv): Promise<ProviderProcess> {
  // The engine's place: the process asks whether it is still there.
  const engine = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(engine, "listening");
  const address = `127.0.0.1:${(engine.address() as AddressInfo).port}`;
  const child = spawn(process.execPath, [require.resolve("@pulumi/pulumi/cmd/dynamic-provider"), address], {
    cwd: projectRoot,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  child.stderr.on("data", (chunk: Buffer) => (written += chunk.toString()));
  const [port] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(() => Promise.reject(new Error(`the provider process ended: ${written}`))),
  ])) as [string];
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const own = (props: Props): Struct => struct({ ...props, __provider: forwarder(module) });
  const withoutText = ({ __provider, ...props }: Props): Props => {
    if (__provider !== undefined && __provider !== forwarder(module)) throw new Error("another provider's text");
    return props;
  };
  return {
    async check(olds, news) {
      const request = new provider.CheckRequest().setOlds(struct(olds)).setNews(own(news));
      const answer = await asked<provider.CheckResponse>((done) => client.check(request, done));
      const failures = answer.getFailuresList().map((failure) => failure.toObject());
      return { inputs: withoutText(plain(answer.getInputs())), failures };
    },
    async diff(id, olds, news) {
      const request = new provider.DiffRequest().setId(id).setOlds(own(olds)).setNews(own(news));
      const answer = await asked<provider.DiffResponse>((done) => client.diff(request, done));
      return { changes: answer.getChanges(), replaces: answer.getReplacesList() };
    },
    async create(inputs) {
      const request = new provider.CreateRequest().setProperties(own(inputs));
      const answer = await asked<provider.CreateResponse>((done) => client.create(request, done));
      return { id: answer.getId(), properties: withoutText(plain(answer.getProperties())) };
    },
    async read(id, properties) {
      const request = new provider.ReadRequest().setId(id).setProperties(own(properties));
      const answer = await asked<provider.ReadResponse>((done) => client.read(request, done));
      if (answer.getId() === "") return { id: "" };
      const [props, inputs] = [answer.getProperties(), answer.getInputs()].map((part) => withoutText(plain(part)));
      return { id: answer.getId(), properties: props, inputs };
    },
    async update(id, olds, news) {
      const request = new provider.UpdateRequest().setId(id).setOlds(own(olds)).setNews(own(news));
      const answer = await asked<provider.UpdateResponse>((done) => client.update(request, done));
      return withoutText(plain(answer.getProperties()));
    },
    async delete(id, properties) {
      const request = new provider.DeleteRequest().setId(id).setProperties(own(properties));
      await asked((done) => client.delete(request, done));
    },
    stderr: () => written,
    async loseEngine() {
      engine.close();
      if (child.exitCode === null) await once(child, "exit");
      client.close();
    },
    async stop() {
      client.close();
      engine.close();
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}
