/**
 * What the recorded server was told and the lab was not: the effects of calls to endpoints that are not in use, by
 * subject (a guest, a volume, ...), until the recording undoes them. Exchanges about such a subject say
 * nothing about the lab. Keeps its list; touches nothing else.
 */
import { isEntry, isList } from "./canonical";
import { type Exchange, type Json, paramPairs } from "./exchange";

/** `guest 100`, `snapshot 100/NAME`, `volume NAS:100/x.raw`, `content local`, `pools`, `mappings`, `task UPID:...`, ... */
type Subject = string;

/** Parts of a guest's API that leave its configuration and its disks as they are. */
const harmless = ["agent", "cloudinit", "firewall", "migrate"];

export class Unserved {
  private readonly subjects = new Set<Subject>();

  /** @param failedTasks those that ended in an error on the recorded server, as far as it was asked */
  constructor(private readonly failedTasks: ReadonlySet<string> = new Set()) {}

  /** Whether the recorded server refused it or failed at it, so that nothing was changed. */
  wasRefused(exchange: Exchange): boolean {
    return exchange.status >= 400 || tasksIn(exchange).some((task) => this.failedTasks.has(task.slice("task ".length)));
  }

  /** Takes note of a call that the lab did not get. */
  missed(exchange: Exchange): void {
    if (exchange.method === "GET") return;
    for (const task of tasksIn(exchange)) this.subjects.add(task);
    if (this.wasRefused(exchange)) return;
    for (const subject of changedBy(exchange)) {
      if (undoes(exchange)) this.subjects.delete(subject);
      else this.subjects.add(subject);
    }
  }

  /** Takes note that the recorded guest is gone, and with it whatever made it different: then its number. */
  seenGone(exchange: Exchange): string | undefined {
    const guest = /^\/nodes\/[^/]+\/qemu\/(\d+)/.exec(exchange.path)?.[1];
    if (guest === undefined || !this.isForeign(`guest ${guest}`)) return undefined;
    const isDestroyed =
      exchange.method === "DELETE" && exchange.path.endsWith(`/${guest}`) && !this.wasRefused(exchange);
    const isGone = exchange.reason === `Configuration file 'nodes/pve/qemu-server/${guest}.conf' does not exist`;
    if (!isDestroyed && !isGone) return undefined;
    for (const subject of [...this.subjects]) {
      if (subject === `guest ${guest}` || subject.startsWith(`snapshot ${guest}/`)) this.subjects.delete(subject);
    }
    return guest;
  }

  /** Takes note that the guest of this exchange is made the same, unless it has snapshots, which the lab has not. */
  adopted(exchange: Exchange): boolean {
    const guest = /^\/nodes\/[^/]+\/qemu\/(\d+)/.exec(exchange.path)?.[1] ?? "";
    if ([...this.subjects].some((subject) => subject.startsWith(`snapshot ${guest}/`))) return false;
    return this.subjects.delete(`guest ${guest}`);
  }

  /** Whether the recorded answer speaks of something the lab was never told. */
  concerns(exchange: Exchange): boolean {
    if (isNextId(exchange) && [...this.subjects].some((subject) => subject.startsWith("guest "))) return true;
    return subjectsOf(exchange).some((subject) => this.isForeign(subject));
  }

  /** An answer without the entries of its list that speak of such subjects. */
  without(body: Json): Json {
    if (!isEntry(body) || !isList(body.data ?? null)) return body;
    return { ...body, data: (body.data as readonly Json[]).filter((entry) => !this.isAbout(entry)) };
  }

  private isAbout(entry: Json): boolean {
    if (!isEntry(entry)) return false;
    return this.isForeign(`guest ${text(entry.vmid)}`) || this.isForeign(`volume ${text(entry.volid)}`);
  }

  private isForeign(subject: Subject): boolean {
    const snapshots = `${subject.replace("guest ", "snapshot ")}/`;
    return this.subjects.has(subject) || [...this.subjects].some((other) => other.startsWith(snapshots));
  }
}

function undoes(exchange: Exchange): boolean {
  const keys = paramPairs(exchange.params).map(([key]) => key);
  const isRemoved = exchange.method === "DELETE" && !exchange.path.includes("/content/");
  return isRemoved || (exchange.path === "/cluster/options" && keys.length === 1 && keys[0] === "delete");
}

function changedBy(exchange: Exchange): Subject[] {
  const parts = exchange.path.split("?")[0]?.split("/").slice(1).map(decodeURIComponent) ?? [];
  const param = paramOf(exchange);
  if (parts[0] === "pools") return ["pools"];
  if (parts[1] === "mapping") return ["mappings"];
  if (exchange.path === "/cluster/options") return ["cluster options"];
  if (parts[0] === "cluster" && parts[1] === "ha") return guests([param("sid") ?? parts[3] ?? ""]);
  if (parts[2] === "storage" && parts[4] === "content") return volumes(exchange, parts);
  if (parts[2] === "storage") return [`content ${parts[3] ?? ""}`];
  if (parts[2] !== "qemu") return [];
  if (parts[3] === undefined) return guests([param("vmid") ?? ""]);
  if (parts[4] === "snapshot" && parts[6] !== "rollback")
    return [`snapshot ${parts[3]}/${param("snapname") ?? parts[5] ?? ""}`];
  if (parts[4] === "clone") return guests([param("newid") ?? ""]);
  return harmless.includes(parts[4] ?? "") ? [] : guests([parts[3], param("target-vmid") ?? ""]);
}

function volumes(exchange: Exchange, parts: readonly string[]): Subject[] {
  const storage = parts[3] ?? "";
  const made = isEntry(exchange.body) && typeof exchange.body.data === "string" ? [exchange.body.data] : [];
  const named = parts.slice(5).join("/");
  const volid = exchange.method === "POST" ? made : [named.includes(":") ? named : `${storage}:${named}`];
  return volid.map((id) => `volume ${id}`);
}

function subjectsOf(exchange: Exchange): Subject[] {
  const param = paramOf(exchange);
  const parts = exchange.path.split("/").slice(1).map(decodeURIComponent);
  const of = (condition: boolean, ...subjects: Subject[]): Subject[] => (condition ? subjects : []);
  return [
    ...of(parts[2] === "qemu", ...guests([parts[3], param("vmid"), param("target-vmid")])),
    ...of(parts[2] === "tasks" && parts[3] !== undefined, `task ${parts[3] ?? ""}`),
    ...of(parts[2] === "tasks" && parts[3] === undefined, ...tasksIn(exchange)),
    ...of(parts[2] === "storage" && parts[4] === "content", `content ${parts[3] ?? ""}`),
    ...of(JSON.stringify(exchange.params).includes("mapping="), "mappings"),
    ...of(param("pool") !== undefined || exchange.path === "/cluster/resources", "pools"),
    ...of(param("tags") !== undefined || isNextId(exchange), "cluster options"),
  ];
}

function isNextId(exchange: Exchange): boolean {
  return exchange.path === "/cluster/nextid";
}

/** The tasks that an answer names: the one it started, or those it lists. */
function tasksIn(exchange: Exchange): Subject[] {
  const upids = JSON.stringify(exchange.body ?? null).match(/UPID:[^"]+:/g) ?? [];
  return upids.map((upid) => `task ${upid}`);
}

function guests(ids: readonly (string | undefined)[]): Subject[] {
  return ids.flatMap((id) => (id === undefined || id === "" ? [] : [`guest ${id.replace(/^vm:/, "")}`]));
}

function paramOf(exchange: Exchange): (name: string) => string | undefined {
  const pairs = paramPairs(exchange.params);
  return (name) => {
    const value = pairs.find(([key]) => key === name)?.[1];
    return value === undefined ? undefined : text(value);
  };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
