/** What a real Proxmox told of the same VM at the same moment in three ways, where recordings are at hand. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { observedConfig, type Config, type PendingEntry } from "../../../../providers/proxmox/vm/config";
import { FIELD_NAMES, fieldOf } from "../../../../providers/proxmox/vm/fields";
import { drivesOf, fromApi } from "../../../../providers/proxmox/vm/fromApi";
import { planVm } from "../../../../providers/proxmox/vm/plan";
import { recordsOf } from "../../../../providers/proxmox/vm/records";
import type { VmInputs } from "../../../../providers/proxmox/vm/inputs";
import type { ObservedVm } from "../../../../providers/proxmox/vm/observed";
import { isNicSlot } from "../../../../providers/proxmox/vm/slots";
import { sharedPath } from "../../../support/shared";

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly body: { readonly data: unknown } | null;
}

interface Moment {
  merged?: Config;
  live?: Config;
  pending?: readonly PendingEntry[];
}

const folder = sharedPath("pve/exchanges");
const withRecordings = folder ? test : test.skip;
if (!folder) console.warn("skipped: no recorded exchanges of a real Proxmox beside the checkout (pve/exchanges)");

const texts = (data: unknown): Config =>
  Object.fromEntries(
    Object.entries(data as Record<string, string | number>)
      .filter(([key]) => key !== "digest")
      .map(([key, value]) => [key, String(value)]),
  );

/** Answers about one VM between two requests that change something. */
function moments(file: string): Moment[] {
  const found: Moment[] = [];
  let now = new Map<string, Moment>();
  for (const line of readFileSync(file, "utf8").trim().split("\n")) {
    const { method, path, params, status, body } = JSON.parse(line) as Exchange;
    if (method !== "GET") {
      found.push(...now.values());
      now = new Map();
    }
    const [, vm, what] = /^\/nodes\/pve\/qemu\/(\d+)\/(config|pending)$/.exec(path) ?? [];
    if (method !== "GET" || status !== 200 || vm === undefined || body === null || params.snapshot !== undefined)
      continue;
    const moment = now.get(vm) ?? {};
    now.set(vm, moment);
    if (what === "pending") moment.pending = body.data as PendingEntry[];
    else if (params.current === undefined) moment.merged = texts(body.data);
    else moment.live = texts(body.data);
  }
  return [...found, ...now.values()];
}

const all = folder
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".jsonl"))
      .flatMap((name) => moments(join(folder, name)))
  : [];
const withPending = all.filter((moment): moment is Moment & { pending: readonly PendingEntry[] } =>
  Boolean(moment.pending),
);

const byName = (config: Config): string[] =>
  Object.entries(config)
    .map(([key, value]) => `${key}: ${value}`)
    .sort();

describe("a real Proxmox's answers", () => {
  withRecordings("to /pending hold what /config says, live and merged", () => {
    const compared = { live: 0, merged: 0 };
    for (const { pending, live, merged } of withPending) {
      const observed = observedConfig(pending);
      // A password is masked with one blank more here than there.
      const comparable = (config: Config): string[] => byName(config).map((line) => line.trimEnd());
      if (live) {
        expect(comparable(observed.live)).toEqual(comparable(live));
        compared.live++;
      }
      // The merged view repeats a drive's size as it was when the edit was made.
      if (merged && !observed.pending.some((key) => key in drivesOf(observed.live))) {
        expect(comparable(observed.wanted)).toEqual(comparable(merged));
        compared.merged++;
      }
    }
    expect(compared.live).toBeGreaterThan(50);
    expect(compared.merged).toBeGreaterThan(50);
  });

  withRecordings("read in the house's words, and nothing is to be done for a house that says the same", () => {
    let read = 0;
    for (const { pending } of withPending) {
      const config = observedConfig(pending);
      const observed: ObservedVm = { ...config, node: "pve", status: "stopped" };
      const fields = FIELD_NAMES.map((name) => [name, fieldOf(name).parse(config.wanted, {})] as const);
      const named = Object.fromEntries(fields.filter(([name, value]) => value !== undefined && name !== "cloudInit"));
      const like = { node: "pve", vmid: 100, uuid: "", ...named, disks: {}, nics: {} } as unknown as VmInputs;
      const slots = Object.keys(config.wanted).filter((key) => key in drivesOf(config.wanted) || isNicSlot(key));
      const house = fromApi(observed, like, { slots });
      const { steps, problems } = planVm(observed, house, { ...recordsOf(observed, house, {}), ...house });
      expect({ steps, problems }).toEqual({ steps: [], problems: [] });
      expect(fromApi(observed, house, recordsOf(observed, house, {}))).toEqual(house);
      read++;
    }
    expect(read).toBeGreaterThan(100);
  });
});
