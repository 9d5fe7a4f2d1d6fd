/** From a request to its answer: who asks, which endpoint, which faults; the world, its tasks and its state behind it. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { StateFile } from "../stateFile";
import { identify } from "./access/identity";
import { aclRoutes } from "./access/acl";
import { roleRoutes } from "./access/roles";
import { accessRoutes } from "./access/routes";
import { Tickets } from "./access/tickets";
import { tokenRoutes } from "./access/userTokens";
import { userRoutes } from "./access/users";
import type { Call } from "./call";
import { CallLog } from "./calls";
import { systemClock, type Clock } from "./clock";
import { networkRoutes } from "./cluster/network";
import { clusterRoutes } from "./cluster/routes";
import { CONTROL_HEADER, controlCall } from "./control";
import { Faults, held, taskFaultOf, type Fault } from "./faults";
import { Locks, lockTimeout, storageLockTimeout } from "./locks";
import type { ProxmoxOptions } from "./options";
import { agentRoutes } from "./qemu/agent";
import { resumeVms } from "./qemu/power";
import { qemuRoutes } from "./qemu/routes";
import { sendData, sendProblem } from "./reply";
import { admitCall, Router, type Match } from "./router";
import { houseNode } from "./seeds";
import { storageRoutes } from "./storage/routes";
import { Tasks } from "./tasks";
import { readParams } from "./wire/body";
import { Problem } from "./wire/problem";
import type { RawParams } from "./wire/schema";
import type { World } from "./world";

const API = "/api2/json";
const METHODS = ["GET", "POST", "PUT", "DELETE"];

const pause = (ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** A process that was killed: its tasks never ended properly, and a VM that was being made is not there. */
function interrupted(world: World, clock: Clock): World {
  for (const task of world.tasks) {
    if (task.exitstatus !== undefined) continue;
    task.exitstatus = "unexpected status";
    task.endtime = clock.now();
  }
  const whole = Object.entries(world.vms).filter(([, { config }]) => config.lock !== "create");
  world.vms = Object.fromEntries(whole);
  return world;
}

/** One lab: its world, and what is done with each request. */
export class Lab {
  readonly clock: Clock;
  readonly world: World;
  readonly calls = new CallLog();
  readonly faults = new Faults();
  readonly controlKey: string;
  readonly tasks: Tasks;
  private readonly state: StateFile<World> | undefined;
  private readonly tickets: Tickets;
  private readonly locks: Locks;
  private readonly router: Router;

  constructor(
    private readonly options: ProxmoxOptions,
    readonly fingerprint: string,
  ) {
    this.clock = options.clock ?? systemClock;
    const { stateFile } = options;
    this.state = stateFile === undefined ? undefined : new StateFile<World>(stateFile, () => this.world);
    const stored = this.state?.load();
    this.world = stored ? interrupted(stored, this.clock) : structuredClone(options.initial ?? houseNode());
    this.controlKey = options.controlKey ?? randomBytes(16).toString("hex");
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
      ...aclRoutes,
      ...roleRoutes,
      ...tokenRoutes,
      ...userRoutes,
      ...clusterRoutes,
      ...networkRoutes,
      ...storageRoutes,
      ...qemuRoutes,
      ...agentRoutes,
    ]);
    options.machines?.onEnded(this.ended);
  }

  readonly changed = (): void => {
    this.state?.changed();
  };

  /** A guest that was shut down from within. */
  private readonly ended = (vmid: number): void => {
    const vm = this.world.vms[vmid];
    if (vm) vm.running = undefined;
    this.changed();
  };

  readonly answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = "", query = ""] = (request.url ?? "/").split(/\?(.*)/s);
    const method = request.method ?? "GET";
    response.setHeader("Date", new Date(this.clock.now() * 1000).toUTCString());
    try {
      const body = await bodyOf(request);
      await pause(this.options.latencyMs ?? 0);
      if (path.startsWith("/lab/")) {
        sendData(response, await controlCall(this.control, method, path, request.headers[CONTROL_HEADER], body));
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
    const { controlKey: key, world, calls, faults, changed } = this;
    return { key, world, calls, faults, changed, machines: this.options.machines };
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
    if (faults.some(({ kind }) => kind === "drop-before") || (await held(faults, "arrived")) === "drop") {
      request.socket.destroy();
      return;
    }
    try {
      const params = readParams(query, body, request.headers["content-type"]);
      Object.assign(record.params, params);
      const result = await this.perform(request, match, faults, params, { method, path });
      if (method !== "GET") this.changed();
      const dropped = faults.some(({ kind }) => kind === "drop-after") || (await held(faults, "acted")) === "drop";
      if (dropped) request.socket.destroy();
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
      if (fault.kind === "lock-timeout") throw this.lockTaken(method, match.uri.vmid ?? raw.vmid);
    }
    const params = admitCall(this.world, who, match, raw);
    const { world, clock, tasks, locks, fingerprint } = this;
    const { machines } = this.options;
    const call: Call = {
      world,
      clock,
      tasks,
      locks,
      machines,
      fingerprint,
      who,
      params,
      taskFault: taskFaultOf(faults),
    };
    return match.route.handle(call);
  }

  /** What a program on the node itself does with the API, as root@pam. @throws Problem */
  readonly asRoot = async (method: "PUT", path: string, raw: RawParams): Promise<unknown> => {
    const match = this.router.match(method, path);
    if (!match) throw Problem.notImplemented(method, path);
    const record = this.calls.add({ method, path, kind: `qm set {vmid}`, params: { ...raw }, status: 0 });
    const { world, clock, tasks, locks, fingerprint } = this;
    const who = { user: "root@pam", name: "root@pam" };
    try {
      const params = admitCall(world, who, match, raw);
      const result = await match.route.handle({ world, clock, tasks, locks, fingerprint, who, params });
      record.status = 200;
      return result;
    } finally {
      this.changed();
    }
  };

  private lockTaken(method: string, vmid: unknown): Problem {
    if (vmid !== undefined) return lockTimeout(Number(vmid));
    return storageLockTimeout({ POST: "create", PUT: "update" }[method] ?? "delete");
  }

  private async identified(request: IncomingMessage, method: string) {
    try {
      return identify(this.world, this.tickets, method, request.headers);
    } catch (error) {
      await pause(this.options.rejectMs ?? 0);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.tasks.close();
    await this.state?.close();
    await this.options.machines?.close();
  }

  /** The first state is written at once, so that a run killed soon after its start has one. */
  async open(): Promise<void> {
    const { machines } = this.options;
    if (machines !== undefined) await resumeVms(this.world, machines);
    await this.state?.flush();
  }
}
