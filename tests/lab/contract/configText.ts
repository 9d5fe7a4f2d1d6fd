/**
 * A guest's configuration file as the transcripts hold it, and the same in the lab's terms. Pure.
 */
import type { Vm } from "../../../lab/proxmox/world";

export type GuestConfig = Pick<Vm, "config" | "pending" | "deletes" | "cloudinit">;

/** @param text of `100.conf`: the live section, then `[PENDING]` and `[special:cloudinit]`; comments are the description. */
export function parseConfig(text: string): GuestConfig {
  const sections = new Map<string, Record<string, string>>([["", {}]]);
  let name = "";
  for (const line of text.split("\n").filter((it) => it !== "")) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      name = header;
      sections.set(name, {});
      continue;
    }
    const section = sections.get(name) ?? {};
    const [key, value] = keyValue(line);
    section[key] = key === "description" && section[key] !== undefined ? `${section[key]}\n${value}` : value;
  }
  const { delete: deleted = "", ...pending } = sections.get("PENDING") ?? {};
  return {
    config: sections.get("") ?? {},
    pending,
    deletes: deletions(deleted),
    cloudinit: sections.get("special:cloudinit") ?? {},
  };
}

function keyValue(line: string): [string, string] {
  if (line.startsWith("#")) return ["description", decodeURIComponent(line.slice(1))];
  const colon = line.indexOf(":");
  const value = line.slice(colon + 1);
  // Proxmox reads at least one character: an empty value is the blank before it.
  return [line.slice(0, colon), value.trim() === "" ? " " : value.trim()];
}

/** `scsi1,!scsi2`: the latter with its volume. */
function deletions(text: string): Record<string, 1 | 2> {
  const keys = text.split(",").filter((key) => key !== "");
  return Object.fromEntries(keys.map((key) => (key.startsWith("!") ? [key.slice(1), 2] : [key, 1])));
}
