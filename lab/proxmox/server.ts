/** The lab's Proxmox: an HTTPS server on 127.0.0.1 that answers as PVE 8.4 does. Touches its port and its state file. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { identify } from "./access/identity";
import { accessRoutes } from "./access/routes";
import { Tickets } from "./access/tickets";
import type { Call } from "./call";
import { CallLog } from "./calls";
import { fingerprintOf, selfSigned, type Certificate } from "./certificate";
import { systemClock, type Clock } from "./clock";
import { clusterRoutes } from "./cluster/routes";
import { CONTROL_HEADER, controlCall } from "./control";
import { Faults, taskFaultOf, type Fault } from "./faults";
import { Locks, lockTimeout } from "./locks";
import { qemuRoutes } from "./qemu/routes";
import { sendData, sendProblem } from "./reply";
import { admitCall, Router, type Match } from "./router";
import { houseNode } from "./seeds";
import { StateFile } from "./stateFile";
import { storageRoutes } from "./storage/routes";
import { Tasks } from "./tasks";
import { readParams } from "./wire/body";
import { Problem } from "./wire/problem";
import type { RawParams } from "./wire/schema";
import type { World, WorldSeed } from "./world";

export interface ProxmoxOptions {
  /** @default the house's node, freshly installed */
  readonly initial?: WorldSeed;
  /** Where the world outlives the process. @default nowhere */
  readonly stateFile?: string;
  /** @default 0: any free one */
  readonly port?: number;
  /** @default a new one */
  readonly certificate?: Certificate;
  /** Added to every answer. @default 0 */
  readonly latencyMs?: number;
  /** How long each task takes at least. @default 2 */
  readonly taskMs?: number;
  /** How long a refused login or token waits for its answer; a real one makes it 3000. @default 0 */
  readonly rejectMs?: number;
  /** How long a call waits for a VM's lock. @default 10000, as Proxmox does */
  readonly lockTimeoutMs?: number;
  /** Key of `/lab/...`. @default a random one */
  readonly controlKey?: string;
  readonly clock?: Clock;
}

export interface LabProxmox {
  readonly url: string;
  /** SHA-256, `AA:BB:...`. */
  readonly fingerprint: string;
  readonly certificate: Certificate;
  readonly controlKey: string;
  readonly world: World;
  readonly calls: CallLog;
  readonly faults: Faults;
  close(): Promise<void>;
}

const API = "/api2/json";
const METHODS = ["GET", "POST", "PUT", "DELETE"];

const pause = (ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Tasks of a process that is gone never ended properly. */
function interrupt(world: World, clock: Clock): World {
  for (const task of world.tasks) {
    if (task.exitstatus !== undefined) continue;
    task.exitstatus = "unexpected status";
    task.endtime = clock.now();
  }
  for (const vm of Object.values(world.vms)) if (vm.config.lock === "create") Reflect.deleteProperty(vm.config, "lock");
  return world;
}

class Lab {
  readonly clock: Clock;
  readonly world: World;
  readonly calls = new CallLog();
  readonly faults = new Faults();
  readonly controlKey: string;
  readonly tasks: Tasks;
  private readonly state: StateFile | undefined;
  private readonly tickets: Tickets;
  private readonly locks: Locks;
  private readonly router: Router;

  constructor(private readonly options: ProxmoxOptions) {
    this.clock = options.clock ?? systemClock;
    const stored = options.stateFile === undefined ? undefined : StateFile.load(options.stateFile);
    this.world = stored ? interrupt(stored, this.clock) : structuredClone(options.initial ?? houseNode());
    this.controlKey = options.controlKey ?? randomBytes(16).toString("hex");
    this.state = options.stateFile === undefined ? undefined : new StateFile(options.stateFile, () => this.world);
    this.tasks = new Tasks({
      world: this.world,
      clock: this.clock,
      taskMs: options.taskMs ?? 2,
      changed: this.changed,
    });
    this.tickets = new Tickets(this.controlKey, this.clock.now);
    this.locks = new Locks(options.lockTimeoutMs ?? 10_000);
    const rejected = (): Promise<void> => pause(options.rejectMs ?? 0);
    this.router = new Router([
      ...accessRoutes(this.tickets, rejected),
      ...clusterRoutes,
      ...storageRoutes,
      ...qemuRoutes,
    ]);
  }

  readonly changed = (): void => {
    this.state?.changed();
  };

  readonly answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = "", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
    const method = request.method ?? "GET";
    try {
      const body = await bodyOf(request);
      await pause(this.options.latencyMs ?? 0);
      if (path.startsWith("/lab/")) {
        sendData(response, controlCall(this.control, method, path, request.headers[CONTROL_HEADER], body));
        return;
      }
      await this.serve(request, response, method, path, query, body);
    } catch (error) {
      const problem =
        error instanceof Problem ? error : Problem.failed(`the lab failed: ${String((error as Error).stack)}`);
      if (!response.headersSent) sendProblem(response, problem);
    }
  };

  private get control() {
    return { key: this.controlKey, world: this.world, calls: this.calls, faults: this.faults, changed: this.changed };
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    method: string,
    fullPath: string,
    query: string,
    body: string,
  ): Promise<void> {
    const path = fullPath.slice(API.length) || "/";
    const match = fullPath.startsWith(`${API}/`) ? this.router.match(method, path) : undefined;
    const record = this.calls.add({
      method,
      path: query === "" ? path : `${path}?${query}`,
      kind: `${method} ${match?.route.template ?? path}`,
      params: {},
      status: 0,
    });
    const faults = this.faults.take(method, path);
    for (const fault of faults) if (fault.kind === "delay") await pause(fault.ms);
    if (faults.some(({ kind }) => kind === "drop-before")) {
      request.socket.destroy();
      return;
    }
    try {
      const params = readParams(query, body, request.headers["content-type"]);
      Object.assign(record.params, params);
      const result = await this.perform(request, match, faults, params, { method, path });
      if (method !== "GET") this.changed();
      if (faults.some(({ kind }) => kind === "drop-after")) request.socket.destroy();
      else {
        record.status = 200;
        sendData(response, result);
      }
    } catch (error) {
      if (error instanceof Problem) record.status = error.status;
      throw error;
    }
  }

  private async perform(
    request: IncomingMessage,
    match: Match | undefined,
    faults: readonly Fault[],
    raw: RawParams,
    { method, path }: { method: string; path: string },
  ): Promise<unknown> {
    if (!METHODS.includes(method)) throw new Problem(501, `method '${method}' not available`, { bare: true });
    const open = match?.route.permission === "world" || match?.route.template === "/access/ticket";
    const who = open ? { user: "", name: "" } : await this.identified(request, method);
    if (!match) throw Problem.notImplemented(method, path);
    for (const fault of faults) {
      if (fault.kind === "status")
        throw new Problem(fault.status, fault.text ?? `the lab was told to answer ${fault.status}`);
      if (fault.kind === "lock-timeout") throw lockTimeout(Number(match.uri.vmid ?? raw.vmid));
    }
    const params = admitCall(this.world, who, match, raw);
    const { world, clock, tasks, locks } = this;
    const call: Call = { world, clock, tasks, locks, who, params, taskFault: taskFaultOf(faults) };
    return match.route.handle(call);
  }

  private async identified(request: IncomingMessage, method: string) {
    try {
      return identify(this.world, this.tickets, method, request.headers);
    } catch (error) {
      await pause(this.options.rejectMs ?? 0);
      throw error;
    }
  }

  close(): void {
    this.tasks.close();
    this.state?.close();
  }

  /** The first state is written at once, so that a run killed soon after its start has one. */
  open(): void {
    this.state?.flush();
  }
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

/** Starts it and resolves when it answers. @throws where the port is taken or the state file is none of the lab's */
export async function startProxmox(options: ProxmoxOptions = {}): Promise<LabProxmox> {
  const certificate = options.certificate ?? (await selfSigned());
  const lab = new Lab(options);
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    void lab.answer(request, response);
  });
  server.keepAliveTimeout = 15_000;
  const port = await listen(server, options.port ?? 0);
  lab.open();
  return {
    url: `https://127.0.0.1:${port}`,
    fingerprint: fingerprintOf(certificate.cert),
    certificate,
    controlKey: lab.controlKey,
    world: lab.world,
    calls: lab.calls,
    faults: lab.faults,
    close: async () => {
      lab.close();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeAllConnections();
      await closed;
    },
  };
}
