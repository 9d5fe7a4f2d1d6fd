/** Values that a real Proxmox parsed and printed, where recorded ones are at hand. */
import { readFileSync } from "node:fs";
import { driveBytes, parseDrive } from "../../../../providers/proxmox/vm/drive";
import { parseNic, printNic } from "../../../../providers/proxmox/vm/nic";
import { parsePropertyString, printPropertyString } from "../../../../providers/proxmox/vm/propertyString";
import { diskBus, isNicSlot } from "../../../../providers/proxmox/vm/slots";
import { sharedPath } from "../../../support/shared";

interface Vector {
  readonly key: string;
  readonly value: string;
  readonly valid: boolean;
  readonly parsed: Readonly<Record<string, string | number>> | null;
  readonly printed: string | null;
}

const DEFAULT_KEYS: Readonly<Record<string, string>> = {
  cpu: "cputype",
  memory: "current",
  agent: "enabled",
  machine: "type",
  boot: "legacy",
  smbios1: "uuid",
};

const path = sharedPath("pve/config-vectors.jsonl");
const vectors: Vector[] = path
  ? readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Vector)
      .filter(({ valid, parsed, value }) => valid && parsed !== null && value.trim() !== "")
  : [];
const withRecordings = path ? test : test.skip;
if (!path) console.warn("skipped: no recorded Proxmox values beside the checkout (pve/config-vectors.jsonl)");

const asText = (parsed: Vector["parsed"]): Record<string, string> =>
  Object.fromEntries(Object.entries(parsed ?? {}).map(([key, value]) => [key, String(value)]));

describe("recorded values of a real Proxmox", () => {
  withRecordings("drives are parsed as Proxmox parses them and printed as it prints them", () => {
    const drives = vectors.filter(({ key }) => diskBus(key) !== undefined);
    expect(drives.length).toBeGreaterThan(80);
    for (const { value, parsed, printed } of drives) {
      const { file, size, ...options } = asText(parsed);
      for (const key of ["index", "interface"]) Reflect.deleteProperty(options, key);
      const drive = parseDrive(value);
      expect(drive).toEqual({ volume: file, options, size: size === undefined ? undefined : Number(size) });
      expect(printPropertyString(parsePropertyString(value, "file"), "file")).toBe(printed);
    }
  });

  withRecordings("NICs are parsed as Proxmox parses them and printed as it prints them", () => {
    const nics = vectors.filter(({ key }) => isNicSlot(key));
    expect(nics.length).toBeGreaterThan(10);
    for (const { value, parsed, printed } of nics) {
      const { model, macaddr, ...options } = asText(parsed);
      expect(parseNic(value)).toEqual({ model, mac: macaddr, options });
      expect(printNic(parseNic(value))).toBe(printed);
    }
  });

  withRecordings("other property strings keep their parts", () => {
    const others = vectors.filter(({ key }) => key in DEFAULT_KEYS);
    expect(others.length).toBeGreaterThan(40);
    for (const { key, value, parsed } of others)
      expect(parsePropertyString(value, DEFAULT_KEYS[key] ?? "")).toEqual(asText(parsed));
  });

  test("sizes are read in Proxmox's units", () => {
    expect(["512", "104858K", "8704M", "82G", "1.5T", "abc"].map(driveBytes)).toEqual([
      512,
      107374592,
      8704 * 1024 ** 2,
      82 * 1024 ** 3,
      1.5 * 1024 ** 4,
      undefined,
    ]);
  });
});
