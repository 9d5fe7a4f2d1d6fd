/** Lines of real VM configurations: valid or not, and printed as Proxmox prints them. */
import { readFileSync } from "node:fs";
import { parseDrive, printDrive } from "../../lab/proxmox/qemu/drive";
import { parseNet, printNet } from "../../lab/proxmox/qemu/net";
import { configFields } from "../../lab/proxmox/qemu/options";
import { isDisk, isNet } from "../../lab/proxmox/qemu/volumeKeys";
import { checkFields } from "../../lab/proxmox/wire/schema";
import { sharedPath } from "../support/shared";

interface Vector {
  readonly key: string;
  readonly value: string;
  readonly valid: boolean;
  readonly printed?: string;
}

const path = sharedPath("pve/config-vectors.jsonl");
const vectors =
  path === undefined
    ? []
    : readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Vector);
if (path === undefined) console.log("skipped: config-vectors.jsonl is not beside the checkout");
const known = path === undefined ? test.skip : test;

known("every recorded line is valid or not as Proxmox says", () => {
  const wrong = vectors.filter(
    ({ key, value, valid }) => (Object.keys(checkFields(configFields, { [key]: value })).length === 0) !== valid,
  );
  expect(wrong).toEqual([]);
  expect(vectors.length).toBeGreaterThan(200);
});

known("every recorded drive and NIC prints as Proxmox prints it", () => {
  const printable = vectors.filter(
    ({ key, valid, printed }) => valid && printed !== undefined && (isDisk(key) || isNet(key)),
  );
  const print = ({ key, value }: Vector): string =>
    isDisk(key) ? printDrive(parseDrive(key, value)) : printNet(parseNet(key, value));
  expect(printable.map(print)).toEqual(printable.map(({ printed }) => printed));
  expect(printable.length).toBeGreaterThan(50);
});
