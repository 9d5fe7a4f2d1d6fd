/** What the server says of itself, its node, its resources and its tasks. */
import { isRoot } from "../access/identity";
import { may } from "../access/permissions";
import type { Call, Route } from "../call";
import { vmResource } from "../qemu/status";
import { storageContent, isShared } from "../storage/definition";
import { usageOf } from "../storage/usage";
import type { Task } from "../world";
import { flag, formats, integer, nodeField, text, vmidField } from "../wire/formats";
import { Problem } from "../wire/problem";

const VERSION = { version: "8.4.1", release: "8.4", repoid: "2a5fa54a8503f96d" };

/** Without `Sys.Audit` on the node, no more than that there is one. */
function nodeFacts({ world, who, clock }: Call): Record<string, unknown> {
  const { node } = world;
  const entry = { id: `node/${node.name}`, node: node.name, type: "node" };
  if (!may(world, who, `/nodes/${node.name}`, "Sys.Audit")) return { ...entry, status: "unknown" };
  return {
    ...{ ...entry, status: "online", level: "" },
    ...{ cpu: 0.02, maxcpu: node.cpus, mem: Math.floor(node.memory / 16), maxmem: node.memory },
    ...{ disk: node.rootUsed, maxdisk: node.rootBytes, uptime: Math.max(0, clock.now() - node.bootedAt) },
  };
}

function nodeResource(call: Call): Record<string, unknown>[] {
  const facts = nodeFacts(call);
  return [facts.status === "online" ? { ...facts, "cgroup-mode": 1 } : facts];
}

function resources(call: Call): unknown {
  const { world, who, clock, params } = call;
  const node = world.node.name;
  const vms = Object.values(world.vms)
    .filter((vm) => may(world, who, `/vms/${vm.vmid}`, "VM.Audit"))
    .map((vm) => vmResource(world, vm, clock.now()));
  const storages = Object.values(world.storages)
    .filter(({ storage }) => may(world, who, `/storage/${storage}`, "Datastore.Audit"))
    .map((storage) => ({
      id: `storage/${node}/${storage.storage}`,
      ...{ type: "storage", storage: storage.storage, node, plugintype: storage.type, status: "available" },
      ...{ content: storageContent(storage).join(","), shared: isShared(storage) ? 1 : 0 },
      ...{ disk: usageOf(world, storage).used, maxdisk: usageOf(world, storage).total },
    }));
  const { type } = params;
  return [
    ...(type === undefined || type === "vm" ? vms : []),
    ...(type === undefined || type === "node" ? nodeResource(call) : []),
    ...(type === undefined || type === "storage" ? storages : []),
    ...((type === undefined || type === "sdn") && may(world, who, "/sdn/zones/localnetwork", "SDN.Audit")
      ? [{ id: `sdn/${node}/localnetwork`, node, sdn: "localnetwork", status: "ok", type: "sdn" }]
      : []),
  ];
}

function nextId({ world, params }: Call): string {
  if (params.vmid !== undefined) {
    if (world.vms[Number(params.vmid)]) throw Problem.parameters({ vmid: `VM ${params.vmid} already exists` });
    return params.vmid;
  }
  let vmid = 100;
  while (world.vms[vmid]) vmid += 1;
  return String(vmid);
}

/** A token's tasks are its user's; its id stands beside. */
function shownTask(task: Task): Record<string, unknown> {
  const [user = "", tokenid] = task.user.split("!");
  const { upid, node, pid, pstart, starttime, type, id } = task;
  return { upid, node, pid, pstart, starttime, type, id, user, ...(tokenid === undefined ? {} : { tokenid }) };
}

function ownTask(call: Call): Task {
  const task = call.tasks.find(call.params.upid ?? "");
  const owner = task.user.split("!")[0];
  if (owner !== call.who.user && !isRoot(call.who) && !may(call.world, call.who, `/nodes/${task.node}`, "Sys.Audit"))
    throw Problem.denied(`/nodes/${task.node}`, "Sys.Audit");
  return task;
}

function taskStatus(call: Call): unknown {
  const task = ownTask(call);
  return task.exitstatus === undefined
    ? { ...shownTask(task), status: "running" }
    : { ...shownTask(task), status: "stopped", exitstatus: task.exitstatus };
}

function listTasks({ world, who, params }: Call): unknown {
  const all = may(world, who, `/nodes/${world.node.name}`, "Sys.Audit");
  // A user sees the tasks of all its tokens, a token its own alone.
  const isOwn = ({ user }: Task): boolean =>
    user === who.name || (who.token === undefined && user.split("!")[0] === who.user);
  const wanted = world.tasks
    .filter((task) => all || isOwn(task))
    .filter((task) =>
      params.source === "active"
        ? task.exitstatus === undefined
        : params.source === "all" || task.exitstatus !== undefined,
    )
    .filter((task) => params.vmid === undefined || task.id === params.vmid)
    .filter((task) => params.typefilter === undefined || task.type === params.typefilter)
    .filter((task) => params.errors !== "1" || (task.exitstatus ?? "OK") !== "OK")
    .reverse();
  const start = Number(params.start ?? 0);
  const data = wanted.slice(start, start + Number(params.limit ?? 50)).map((task) => ({
    ...shownTask(task),
    ...(task.exitstatus === undefined ? {} : { status: task.exitstatus, endtime: task.endtime }),
  }));
  return wanted.length === 0 ? data : { data, total: wanted.length };
}

/** A page of a longer answer; how much there is in all stands beside `data`. */
export interface Page {
  readonly data: readonly unknown[];
  readonly total: number;
}

function taskLog(call: Call): Page {
  const lines = ownTask(call).log.map((t, index) => ({ n: index + 1, t }));
  const start = Number(call.params.start ?? 0);
  const data = lines.slice(start, start + Number(call.params.limit ?? 50));
  return { data: data.length > 0 ? data : [{ n: 1, t: "no content" }], total: lines.length };
}

const ofTask = { node: nodeField, upid: text({ required: true }) };
const TASK = "/nodes/{node}/tasks/{upid}";

export const clusterRoutes: readonly Route[] = [
  { method: "GET", template: "/version", fields: {}, handle: () => VERSION },
  { method: "GET", template: "/nodes/{node}/version", fields: { node: nodeField }, handle: () => VERSION },
  {
    method: "GET",
    template: "/nodes",
    fields: {},
    handle: (call) => [{ ...nodeFacts(call), ssl_fingerprint: call.fingerprint }],
  },
  {
    method: "GET",
    template: "/cluster/resources",
    fields: { type: text({ values: ["vm", "storage", "node", "sdn"] }) },
    handle: resources,
  },
  { method: "GET", template: "/cluster/nextid", fields: { vmid: { ...vmidField, required: false } }, handle: nextId },
  {
    method: "GET",
    template: "/nodes/{node}/tasks",
    fields: {
      node: nodeField,
      errors: flag,
      limit: integer({ minimum: 0 }),
      since: integer(),
      source: text({ values: ["archive", "active", "all"] }),
      start: integer({ minimum: 0 }),
      statusfilter: text(),
      typefilter: text(),
      until: integer(),
      userfilter: text(),
      vmid: integer({ format: formats.vmid }),
    },
    handle: listTasks,
  },
  { method: "GET", template: `${TASK}/status`, fields: ofTask, handle: taskStatus },
  {
    method: "GET",
    template: `${TASK}/log`,
    fields: { ...ofTask, download: flag, limit: integer({ minimum: 0 }), start: integer({ minimum: 0 }) },
    handle: taskLog,
  },
];
