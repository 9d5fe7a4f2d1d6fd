/**
 * Replays a recording against a running lab, in order, each exchange compared with what the real server answered.
 * Talks to the one server it is given.
 */
import type { OutgoingHttpHeaders } from "node:http";
import type { World } from "../../../lab/proxmox/world";
import { editAccess } from "./accessEdits";
import { adoptGuest, showsGuest } from "./adopt";
import { isEntry } from "./canonical";
import { type Answer, differences } from "./compare";
import { Credentials, type Secrets } from "./credentials";
import { endpointOf, isInUse } from "./endpoint";
import { exceptions } from "./exceptions";
import { type Exchange, type Json, paramPairs } from "./exchange";
import { Names } from "./names";
import { judged, type LeftOut, type Outcome } from "./outcome";
import { liveRequest } from "./requests";
import { Unserved } from "./unserved";
import { openWire, type Wire } from "./wire";

export interface Lab {
  readonly url: string;
  readonly secrets: Secrets;
  /** Users and rights are edited behind its back where the recording made them by calls that are not in use. */
  readonly world: World;
}

interface Session {
  readonly wire: Wire;
  readonly names: Names;
  readonly credentials: Credentials;
  readonly unserved: Unserved;
  readonly world: World;
}

type Entry = Readonly<Record<string, Json>>;

const foreign = { leftOut: "depends on an endpoint not in use" } as const;

/** How long a task of the lab may take before the replay goes on without its end. */
const taskPatienceMs = 1500;

/** @param recordings one after the other, on one server; the outcomes come back per recording. */
export async function replay(
  lab: Lab,
  recordings: readonly { readonly name: string; readonly exchanges: readonly Exchange[] }[],
): Promise<Outcome[][]> {
  const wire = openWire(lab.url);
  const credentials = new Credentials(lab.secrets, lab.world);
  const session = { wire, credentials, names: new Names(), world: lab.world };
  try {
    const outcomes: Outcome[][] = [];
    for (const { name, exchanges } of recordings) {
      const unserved = new Unserved(failedTasks(exchanges));
      outcomes.push(await replayOne({ ...session, unserved }, name, exchanges));
    }
    return outcomes;
  } finally {
    wire.close();
  }
}

async function replayOne(session: Session, file: string, exchanges: readonly Exchange[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const exchange of exchanges) {
    const found = await exchangeOnce(session, exchange);
    outcomes.push(outcomeOf(exchange, found, exceptions[`${file}:${exchange.seq}`]?.reason));
  }
  return outcomes;
}

/** What stands against holding the lab to the exchange, and where the answers differ if it was sent. */
interface Found {
  readonly leftOut?: LeftOut;
  readonly differences?: readonly string[];
}

/** Who asked the real server again, to see what is stable; as everybody else it was not asked twice. */
const askedTwice = ["none", "token", "ticket:root@pam"];

function outcomeOf(exchange: Exchange, found: Found, exception: LeftOut | undefined): Outcome {
  const isUnstable = !exchange.stable && askedTwice.includes(exchange.auth);
  const reason = found.leftOut ?? exception ?? (isUnstable ? "not stable" : undefined);
  const params = JSON.stringify(Object.fromEntries(paramPairs(exchange.params)));
  const title = `${exchange.seq} ${exchange.auth} ${exchange.method} ${exchange.path} ${params}`;
  return { ...judged(title, found.differences, reason), isStable: exchange.stable };
}

async function exchangeOnce(session: Session, exchange: Exchange): Promise<Found> {
  const { unserved, names, credentials } = session;
  if (!isInUse(exchange.method, exchange.path)) {
    unserved.missed(exchange);
    editAccess(session.world, exchange);
    return { leftOut: "endpoint not in use" };
  }
  const headers = credentials.headers(exchange.auth, exchange.method);
  if (headers === undefined) {
    unserved.missed(exchange);
    return foreign;
  }
  const isForeign = unserved.concerns(exchange);
  if (isForeign && exchange.method !== "GET" && unserved.wasRefused(exchange)) {
    // What kept the real server from it, the lab may not know of.
    unserved.missed(exchange);
    return foreign;
  }
  const live = await answer(session, exchange, () => liveRequest(exchange, headers, names));
  forget(session.world, unserved.seenGone(exchange));
  if (isForeign) {
    unserved.missed(exchange);
    if (showsGuest(exchange) && unserved.adopted(exchange)) adoptGuest(session.world, exchange, names);
    return foreign;
  }
  const recorded = { ...exchange, body: unserved.without(exchange.body) };
  return { differences: differences(recorded, { ...live, body: unserved.without(live.body) }, names) };
}

/** Where a foreign guest went on the recorded server it goes here, whatever became of it meanwhile. */
function forget(world: World, vmid: string | undefined): void {
  if (vmid === undefined) return;
  Reflect.deleteProperty(world.vms, vmid);
  for (const { volid, vmid: owner } of Object.values(world.volumes)) {
    if (owner === Number(vmid)) Reflect.deleteProperty(world.volumes, volid);
  }
}

/** The tasks that the recording saw end in an error. */
function failedTasks(exchanges: readonly Exchange[]): ReadonlySet<string> {
  const ends = exchanges.flatMap(({ body }) =>
    isEntry(body) && isEntry(body.data ?? null) ? [body.data as Entry] : [],
  );
  const failed = ends.filter(
    ({ exitstatus }) => typeof exitstatus === "string" && !/^(OK|WARNINGS: \d+)$/.test(exitstatus),
  );
  return new Set(failed.flatMap(({ upid }) => (typeof upid === "string" ? [upid] : [])));
}

/** Sends it; a poll again until the recorded end of the task is reached, and a started task is waited for. */
async function answer(
  { wire, credentials }: Session,
  exchange: Exchange,
  request: () => ReturnType<typeof liveRequest>,
): Promise<Answer> {
  const wanted = request();
  const isFinalPoll =
    endpointOf(exchange.method, exchange.path) === "GET /nodes/*/tasks/*/status" && ended(exchange.body);
  const live = isFinalPoll ? await pollToEnd(wire, wanted) : await wire.send(wanted);
  credentials.learn(exchange, live.body);
  if (exchange.method !== "GET") await followTask(wire, live.body, wanted.headers);
  return live;
}

/** Waits for the end of the task that an answer names, if it names one; its last status answer, or `null`. */
export async function followTask(wire: Wire, started: Json, headers: OutgoingHttpHeaders): Promise<Json> {
  const upid = startedTask(started);
  if (upid === undefined) return null;
  const path = `/nodes/${upid.split(":")[1] ?? ""}/tasks/${encodeURIComponent(upid)}/status`;
  return (await pollToEnd(wire, { method: "GET", path, headers })).body;
}

async function pollToEnd(wire: Wire, wanted: Parameters<Wire["send"]>[0]): Promise<Answer> {
  const deadline = Date.now() + taskPatienceMs;
  for (;;) {
    const live = await wire.send(wanted);
    if (live.status !== 200 || ended(live.body) || Date.now() > deadline) return live;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function ended(body: Json): boolean {
  return isEntry(body) && isEntry(body.data ?? null) && (body.data as { status?: Json }).status === "stopped";
}

function startedTask(body: Json): string | undefined {
  const data = isEntry(body) ? body.data : undefined;
  return typeof data === "string" && data.startsWith("UPID:") ? data : undefined;
}
