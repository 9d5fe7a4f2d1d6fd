/**
 * The lab's clouds: one HTTP server on 127.0.0.1 that answers `/v2/...` as DigitalOcean does and `/client/v4/...` as
 * Cloudflare does. Touches its port and its state file.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { cloudflareRoutes, noRoute, unauthenticated } from "./cloudflare/api";
import { digitaloceanRoutes } from "./digitalocean/api";
import { badRequest, notFound, unauthorized } from "./digitalocean/problems";
import { Faults, held, type FaultKind } from "../proxmox/faults";
import { StateFile } from "../stateFile";
import { bodyOf, CloudProblem, parseBody, send, type CloudReply, type CloudRoute } from "./http";
import { newClouds, type CloudsWorld } from "./world";

export interface CloudsOptions {
  /** @default any free one */
  readonly port?: number;
  /** Where the world is kept. @default nowhere */
  readonly stateFile?: string;
}

export interface CloudCallRecord {
  readonly method: string;
  readonly path: string;
  status: number;
}

export interface LabClouds {
  /** What `digitalocean:apiEndpoint` takes. */
  readonly apiEndpoint: string;
  /** What `cloudflare:baseUrl` takes. */
  readonly baseUrl: string;
  readonly world: CloudsWorld;
  readonly calls: CloudCallRecord[];
  /** `drop-before`, `drop-after`, `status`, and `hold` where the cloud acted, by method and path. */
  readonly faults: Faults;
  close(): Promise<void>;
}

interface Cloud {
  readonly prefix: string;
  readonly token: string;
  readonly routes: readonly CloudRoute[];
  readonly unauthorized: () => CloudProblem;
  readonly unknown: (path: string) => CloudProblem;
}

type Refusal = Extract<FaultKind, { kind: "status" }>;

const cloudsOf = ({ digitalocean, cloudflare }: CloudsWorld): readonly Cloud[] => [
  {
    ...{ prefix: "/v2/", token: digitalocean.token, unauthorized, unknown: notFound },
    routes: digitaloceanRoutes(digitalocean),
  },
  {
    ...{ prefix: "/client/v4/", token: cloudflare.token, unauthorized: unauthenticated, unknown: noRoute },
    routes: cloudflareRoutes(cloudflare),
  },
];

/** @throws CloudProblem as the cloud words it */
async function answer(
  clouds: readonly Cloud[],
  request: IncomingMessage,
  written: () => Promise<void>,
): Promise<CloudReply> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://lab");
  const text = await bodyOf(request);
  const cloud = clouds.find(({ prefix }) => pathname.startsWith(prefix));
  if (!cloud) throw notFound();
  if (request.headers.authorization !== `Bearer ${cloud.token}`) throw cloud.unauthorized();
  const body = parseBody(text);
  if (body === undefined) throw badRequest("the body is no JSON object");
  for (const { method, path, changes, handle } of cloud.routes) {
    const match = method === request.method ? path.exec(pathname) : null;
    if (!match) continue;
    const reply = handle({ path: match.slice(1).map(decodeURIComponent), query: searchParams, body });
    // A change that was answered is kept, however the lab ends.
    if (changes) await written();
    return reply;
  }
  throw cloud.unknown(pathname);
}

/** What either cloud answers when it is not well. */
const unwell = ({ status, text = "Server was unable to give you a response." }: Refusal): CloudProblem =>
  new CloudProblem(status, {
    id: "server_error",
    message: text,
    success: false,
    errors: [{ code: status, message: text }],
  });

export async function startClouds({ port = 0, stateFile }: CloudsOptions = {}): Promise<LabClouds> {
  const state = stateFile === undefined ? undefined : new StateFile<CloudsWorld>(stateFile, () => world);
  const world: CloudsWorld = state?.load() ?? newClouds();
  const written = async (): Promise<void> => state?.flush();
  const clouds = cloudsOf(world);
  const calls: CloudCallRecord[] = [];
  const faults = new Faults();
  const server = createServer((request, response) => {
    const record: CloudCallRecord = { method: request.method ?? "", path: request.url ?? "", status: 0 };
    calls.push(record);
    const hit = faults.take(record.method, record.path);
    const drops = (kind: FaultKind["kind"]): boolean => hit.some((fault) => fault.kind === kind);
    if (drops("drop-before")) {
      response.destroy();
      return;
    }
    const refusal = hit.find((fault) => fault.kind === "status");
    (refusal ? Promise.reject(unwell(refusal)) : answer(clouds, request, written))
      .catch((error: unknown): CloudReply => {
        if (error instanceof CloudProblem) return { status: error.status, json: error.json };
        return { status: 500, json: { id: "server_error", message: String((error as Error).stack) } };
      })
      .then(async (reply) => {
        record.status = reply.status;
        if ((await held(hit, "acted")) === "drop" || drops("drop-after")) response.destroy();
        else send(response, reply);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  await written();
  const apiEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ apiEndpoint, baseUrl: `${apiEndpoint}/client/v4`, world, calls, faults },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await state?.close();
    },
  };
}
