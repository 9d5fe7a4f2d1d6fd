/** The provider protocol over gRPC, as far as custom resources need it: from messages to a plugin's methods and back. */
import {
  Metadata,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import type { Difference, Plugin } from "./plugin";
import { HalfMade, type Failure } from "./resource";
import { fromStruct, isSecret, revealed, secret, toStruct, type Plain } from "./values";

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/** How the protocol says that something was made all the same: in a field that gRPC's own status details go by. */
function halfMadeMetadata(error: unknown): Metadata {
  const metadata = new Metadata();
  if (!(error instanceof HalfMade)) return metadata;
  const inputs = toStruct(error.inputs);
  const half = new proto.ErrorResourceInitFailed().setId(error.id).setReasonsList([error.message]);
  const detail = new Any();
  detail.pack(half.setProperties(inputs).setInputs(inputs).serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const failed = new Status().setCode(status.UNKNOWN).setMessage(error.message);
  failed.addDetails(detail);
  metadata.add("grpc-status-details-bin", Buffer.from(failed.serializeBinary()));
  return metadata;
}

/** Errors reach the engine as their message alone: a stack helps nobody there. */
const unary =
  <Request, Response>(handler: Handler<Request, Response>) =>
  (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => {
          callback(null, response);
        },
        (error: unknown) => {
          const details = error instanceof Error ? error.message : String(error);
          callback({ code: status.UNKNOWN, details, metadata: halfMadeMetadata(error) });
        },
      );
  };

const typeOf = (urn: string): string => (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";

const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

const plain = (struct: Parameters<typeof fromStruct>[0]): Plain => revealed(fromStruct(struct)) as Plain;

const checked = (inputs: Plain, failures: readonly Failure[]): proto.CheckResponse => {
  const list = failures.map(({ property, reason }) => new proto.CheckFailure().setProperty(property).setReason(reason));
  return new proto.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(list);
};

function diffResponse(former: Plain, wanted: Plain, { changed, replaces }: Difference): proto.DiffResponse {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  const response = new proto.DiffResponse()
    .setChanges(
      changed.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE,
    )
    .setDiffsList([...changed])
    .setReplacesList([...replaces])
    .setHasdetaileddiff(true);
  for (const key of changed) {
    const kinds =
      former[key] === undefined
        ? [ADD, ADD_REPLACE]
        : wanted[key] === undefined
          ? [DELETE, DELETE_REPLACE]
          : [UPDATE, UPDATE_REPLACE];
    const kind = kinds[replaces.includes(key) ? 1 : 0] ?? UPDATE;
    response.getDetaileddiffMap().set(key, new proto.PropertyDiff().setKind(kind).setInputdiff(true));
  }
  return response;
}

/** The configuration as given, with what is secret marked so that it stands encrypted in the state. */
const marked = (config: Plain, secrets: readonly string[]): Plain =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      secrets.includes(key) && !isSecret(value) ? secret(value) : value,
    ]),
  );

function configuration(plugin: Plugin): UntypedServiceImplementation {
  const { secrets, version } = plugin.definition;
  return {
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    checkConfig: unary((request: proto.CheckRequest) => {
      const news = fromStruct(request.getNews());
      return checked(marked(news, secrets), plugin.checkConfig(news));
    }),
    // Another token or endpoint is another way to the same account: never a reason to make anything anew.
    diffConfig: unary((request: proto.DiffRequest) => {
      const [former, wanted] = [plain(request.getOldInputs() ?? request.getOlds()), plain(request.getNews())];
      const changed = Object.keys({ ...former, ...wanted }).filter((key) => former[key] !== wanted[key]);
      return diffResponse(former, wanted, { changed, replaces: [] });
    }),
    configure: unary((request: proto.ConfigureRequest) => {
      plugin.configure(plain(request.getArgs()));
      return new proto.ConfigureResponse().setSupportspreview(true).setAcceptsecrets(false);
    }),
    cancel: unary(() => new Empty()),
  };
}

function changes(plugin: Plugin): UntypedServiceImplementation {
  return {
    create: unary(async (request: proto.CreateRequest) => {
      const [token, inputs] = [typeOf(request.getUrn()), plain(request.getProperties())];
      const { id, outputs } = await plugin.create(token, inputs, request.getPreview());
      return new proto.CreateResponse().setId(id).setProperties(toStruct(outputs));
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const [former, outputs] = [plain(request.getOldInputs()), plain(request.getOlds())];
      const [token, news] = [typeOf(request.getUrn()), plain(request.getNews())];
      const after = await plugin.update(token, request.getId(), news, former, outputs, request.getPreview());
      return new proto.UpdateResponse().setProperties(toStruct(after));
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      await plugin.remove(typeOf(request.getUrn()), request.getId(), plain(request.getProperties()));
      return new Empty();
    }),
  };
}

export function providerService(plugin: Plugin): UntypedServiceImplementation {
  return {
    ...configuration(plugin),
    ...changes(plugin),
    check: unary((request: proto.CheckRequest) => {
      const urn = request.getUrn();
      const [news, olds] = [plain(request.getNews()), plain(request.getOlds())];
      const seed = request.getRandomseed();
      const { inputs, failures } = plugin.check(typeOf(urn), nameOf(urn), news, olds, seed);
      return checked(inputs, failures);
    }),
    diff: unary((request: proto.DiffRequest) => {
      const [former, wanted] = [plain(request.getOldInputs()), plain(request.getNews())];
      return diffResponse(former, wanted, plugin.diff(typeOf(request.getUrn()), former, wanted));
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const [id, given] = [request.getId(), plain(request.getInputs())];
      const live = await plugin.read(typeOf(request.getUrn()), id, given);
      // An answer without an id: it is not there.
      if (!live) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(live.id)
        .setInputs(toStruct(live.inputs))
        .setProperties(toStruct(live.outputs));
    }),
  };
}
