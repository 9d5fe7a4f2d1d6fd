/** Every VM configuration that the recorded data of a real Proxmox holds, each once. Reads those files only. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { observedConfig, type Config, type PendingEntry } from "../../providers/proxmox/vm/config";
import { parseConfig } from "../lab/contract/configText";
import { readExchanges } from "../lab/contract/exchange";
import { readScenarios } from "../lab/contract/transcript";

export interface Configuration {
  readonly from: "recording" | "transcript" | "vectors";
  readonly vmid: number;
  readonly config: Config;
}

const texts = (config: object): Config =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)]));

function recorded(folder: string): Configuration[] {
  const exchanges = readdirSync(folder).flatMap((file) => readExchanges(join(folder, file)));
  return exchanges.flatMap(({ method, path, status, body }): Configuration[] => {
    const [, vmid, kind] = /^\/nodes\/[^/]+\/qemu\/(\d+)\/(config|pending)$/.exec(path) ?? [];
    const data = (body as { data?: unknown } | null)?.data;
    if (method !== "GET" || status !== 200 || vmid === undefined || typeof data !== "object" || data === null)
      return [];
    const config = kind === "pending" ? observedConfig(data as PendingEntry[]).wanted : texts(data);
    return [{ from: "recording", vmid: Number(vmid), config }];
  });
}

/** What waits for the next boot is what is configured. */
function configured(text: string): Config {
  const { config, pending, deletes } = parseConfig(text);
  return Object.fromEntries(Object.entries({ ...config, ...pending }).filter(([key]) => !(key in deletes)));
}

const transcripts = (file: string): Configuration[] =>
  readScenarios(file).flatMap(({ vmid, initial_config: first, steps }) => {
    const after = steps.flatMap(({ config_after }) => Object.entries(config_after));
    const all: (readonly [string | number, string])[] = first === null ? after : [[vmid, first], ...after];
    return all.map(([id, text]): Configuration => ({ from: "transcript", vmid: Number(id), config: configured(text) }));
  });

interface Line {
  readonly key: string;
  readonly value: string;
  readonly valid: boolean;
  readonly source: string;
}

/** Lines of one file are one VM. @param invalid with the lines that Proxmox skips. */
function vectors(file: string, invalid: boolean): Configuration[] {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const bySource = new Map<string, Record<string, string>>();
  for (const { key, value, valid, source } of lines.map((line) => JSON.parse(line) as Line)) {
    if (!valid && !invalid) continue;
    const config = bySource.get(source) ?? {};
    config[key] = value;
    bySource.set(source, config);
  }
  return [...bySource.values()].map((config): Configuration => ({ from: "vectors", vmid: 8006, config }));
}

/** @param pve folder of the recorded data. */
export function configurations(pve: string, options: { readonly invalid: boolean }): Configuration[] {
  const all = [
    ...recorded(join(pve, "exchanges")),
    ...transcripts(join(pve, "qemu-transcripts.jsonl")),
    ...vectors(join(pve, "config-vectors.jsonl"), options.invalid),
  ];
  const text = ({ config: { digest, ...config } }: Configuration): string =>
    JSON.stringify(Object.entries(config).sort());
  return [...new Map(all.map((one) => [text(one), one])).values()];
}
