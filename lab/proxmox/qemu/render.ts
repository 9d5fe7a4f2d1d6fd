/** A VM's configuration as its file: the text whose SHA-1 is the digest. Pure. */
import { createHash } from "node:crypto";
import type { Vm } from "../world";

const lines = (values: Readonly<Record<string, string>>): string[] =>
  Object.keys(values)
    .filter((key) => key !== "description")
    .sort()
    .map((key) => `${key}: ${values[key] ?? ""}\n`);

const comment = (text: string | undefined): string =>
  text === undefined || text === ""
    ? ""
    : text
        .replace(/\n+$/, "")
        .split("\n")
        .map((line) => `#${encodeURIComponentLight(line)}\n`)
        .join("");

/** Proxmox escapes only what would break its comment lines. */
const encodeURIComponentLight = (line: string): string =>
  line.replace(/[%\r]|[^\t\x20-\x7e]/gu, (char) => encodeURIComponent(char));

const pendingDeletes = (vm: Vm): string[] =>
  Object.keys(vm.deletes)
    .sort()
    .map((key) => (vm.deletes[key] === 2 ? `!${key}` : key));

export function renderConfig(vm: Vm): string {
  let text = comment(vm.config.description) + lines(vm.config).join("");
  const deletes = pendingDeletes(vm);
  if (deletes.length > 0 || Object.keys(vm.pending).length > 0) {
    const pending = deletes.length > 0 ? { ...vm.pending, delete: deletes.join(",") } : vm.pending;
    text += `\n[PENDING]\n${comment(vm.pending.description)}${lines(pending).join("")}`;
  }
  if (Object.keys(vm.cloudinit).length > 0) text += `\n[special:cloudinit]\n${lines(vm.cloudinit).join("")}`;
  return text;
}

export const digestOf = (vm: Vm): string => createHash("sha1").update(renderConfig(vm)).digest("hex");
