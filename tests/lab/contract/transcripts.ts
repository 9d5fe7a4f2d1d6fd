/**
 * Replays the transcripts of Proxmox's own handlers: a guest with a given configuration and volumes, then calls one
 * after the other; after each the answer, the configuration file and the volumes are compared. Sets the lab's guests
 * and volumes behind its back, and calls it.
 */
import type { OutgoingHttpHeaders } from "node:http";
import type { Volume, World } from "../../../lab/proxmox/world";
import { isEntry } from "./canonical";
import { type Answer, differences } from "./compare";
import { parseConfig } from "./configText";
import { Credentials } from "./credentials";
import { exceptions } from "./exceptions";
import type { Exchange, Json } from "./exchange";
import { Names } from "./names";
import { secrets } from "./node";
import { judged, type Outcome } from "./outcome";
import { followTask } from "./replay";
import { liveRequest } from "./requests";
import { handlers, readScenarios, type Scenario, type Step } from "./transcript";
import { openWire, type Wire } from "./wire";

type Entry = Readonly<Record<string, Json>>;

interface LabUnderTest {
  readonly url: string;
  /** Its guests and volumes are set behind its back. */
  readonly world: World;
}

/** @param path of `qemu-transcripts.jsonl` */
export async function replayTranscripts(lab: LabUnderTest, path: string): Promise<Outcome[]> {
  const wire = openWire(lab.url);
  try {
    const headers = await login(wire);
    const outcomes: Outcome[] = [];
    for (const scenario of readScenarios(path)) outcomes.push(...(await replayScenario(lab, wire, headers, scenario)));
    return outcomes;
  } finally {
    wire.close();
  }
}

type HeadersOf = (user: string, method: string) => OutgoingHttpHeaders;

async function login(wire: Wire): Promise<HeadersOf> {
  const credentials = new Credentials(secrets);
  const call = { method: "POST", path: "/access/ticket" };
  const body = `username=root%40pam&password=${secrets.rootPassword}`;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  credentials.learn(call, (await wire.send({ ...call, headers, body })).body);
  return (user, method) =>
    user.includes("!")
      ? { Authorization: `PVEAPIToken=${user}=${secrets.token}` }
      : (credentials.headers(`ticket:${user}`, method) ?? {});
}

async function replayScenario(
  lab: LabUnderTest,
  wire: Wire,
  headers: HeadersOf,
  scenario: Scenario,
): Promise<Outcome[]> {
  seed(lab, scenario);
  const names = new Names();
  // Where nothing in the file is random, its digest is not either: it has to be the very same.
  if (scenario.initial_config !== null && !JSON.stringify(scenario.steps).includes("cipassword"))
    names.toLive(JSON.stringify(scenario.steps.map((step) => step.result)));
  const outcomes: Outcome[] = [];
  for (const [i, step] of scenario.steps.entries()) {
    const title = `${scenario.name} [${i}] ${step.user} ${step.method} ${JSON.stringify(step.params)}`;
    const [method, path] = handlers[step.method] ?? [];
    if (method === undefined || path === undefined) {
      outcomes.push(judged(title, undefined, "endpoint not in use"));
      continue;
    }
    setRunning(lab, scenario.vmid, step.running === 1);
    const request = exchangeOf(lab, scenario, step, method, path);
    const live = await wire.send(liveRequest(request, headers(step.user, method), names));
    const ended = await followTask(wire, live.body, headers(step.user, "GET"));
    outcomes.push(
      judged(
        title,
        stepDifferences(lab, step, live, ended, names),
        exceptions[`qemu-transcripts:${scenario.name} [${i}]`]?.reason,
      ),
    );
  }
  return outcomes;
}

function seed(lab: LabUnderTest, { vmid, initial_config: config, initial_volumes: volumes, steps }: Scenario): void {
  // Other guests are only known from what was there after the first call.
  const others = Object.entries(steps[0]?.config_after ?? {}).filter(([id]) => id !== String(vmid));
  const guests = config === null ? others : [...others, [vmid, config] as const];
  lab.world.vms = Object.fromEntries(guests.map(([id, text]) => [id, { vmid: Number(id), ...parseConfig(text) }]));
  lab.world.volumes = Object.fromEntries(Object.entries(volumes).map(([volid, size]) => [volid, volume(volid, size)]));
}

function volume(volid: string, size: number): Volume {
  const [storage = ""] = volid.split(":");
  const vmid = Number(/vm-(\d+)-/.exec(volid)?.[1]);
  return { volid, storage, vmid, content: "images", format: "raw", size, ctime: 1_700_000_000 };
}

function setRunning(lab: LabUnderTest, vmid: string | number, running: boolean): void {
  const guest = lab.world.vms[vmid];
  if (guest !== undefined) guest.running = running ? { pid: 4711, since: 1_700_000_000 } : undefined;
}

function exchangeOf(lab: LabUnderTest, scenario: Scenario, step: Step, method: string, path: string): Exchange {
  const params = step.method === "create_vm" ? { vmid: Number(scenario.vmid), ...step.params } : step.params;
  return {
    ...{ seq: 0, enc: "form", auth: step.user, status: 200, reason: "OK", body: null, stable: true },
    method,
    path: `/nodes/${lab.world.node.name}/qemu${path.replace("VMID", String(scenario.vmid))}`,
    params,
  };
}

function stepDifferences(lab: LabUnderTest, step: Step, live: Answer, ended: Json, names: Names): string[] {
  const state = (config: Json, volumes: Json): Answer => ({ status: 200, reason: "OK", body: { config, volumes } });
  const configs = Object.entries(step.config_after).map(([vmid, text]) => [vmid, parseConfig(text)] as const);
  const guests = Object.entries(lab.world.vms).map(
    ([vmid, { config, pending, deletes, cloudinit }]) => [vmid, { config, pending, deletes, cloudinit }] as const,
  );
  const volumes = Object.values(lab.world.volumes).map(({ volid, size }) => [volid, size] as const);
  return [
    ...differences(recordedAnswer(step), plain(live, step.result.task !== undefined), names),
    ...taskDifferences(step, ended, names),
    ...differences(
      state(Object.fromEntries(configs), step.volumes_after),
      state(Object.fromEntries(guests), Object.fromEntries(volumes)),
      names,
    ),
  ];
}

function recordedAnswer({ result }: Step): Answer {
  if (result.ok) return { status: 200, reason: "OK", body: { data: result.data ?? null } };
  const errors: Entry = result.errors === undefined ? {} : { errors: result.errors };
  const message = result.message ?? "";
  return { status: result.status ?? 0, reason: message, body: { data: null, message: `${message}\n`, ...errors } };
}

/** Without the place in Proxmox's source that some texts end in, and a task's id, which the transcripts leave out. */
function plain(live: Answer, isTask: boolean): Answer {
  const withoutPlace = (text: string): string => text.replace(/ at \S+ line \d+\.?/, "");
  const body = isEntry(live.body) ? live.body : {};
  const data = isTask && typeof body.data === "string" ? "UPID" : (body.data ?? null);
  const message: Entry = typeof body.message === "string" ? { message: withoutPlace(body.message) } : {};
  return { ...live, reason: withoutPlace(live.reason), body: { ...body, data, ...message } };
}

function taskDifferences(step: Step, ended: Json, names: Names): string[] {
  const recorded = step.result.task;
  if (recorded === undefined) return [];
  const task = (type: Json, id: Json, exitstatus: Json): Answer => ({
    ...{ status: 200, reason: "OK" },
    body: { task: { type, id, exitstatus } },
  });
  const data = isEntry(ended) ? (ended.data ?? null) : null;
  const live: Entry = isEntry(data) ? data : {};
  return differences(
    task(recorded.type, recorded.id, recorded.exitstatus),
    task(live.type ?? null, live.id ?? null, live.exitstatus ?? null),
    names,
  );
}
