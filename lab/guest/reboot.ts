/** What a guest has lost, and what is there again, once it came up anew. Changes its state and empties its `/run`. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setting } from "./commands/unitFiles";
import { rejoin } from "./rejoin";
import type { GuestState } from "./state";

const RESTARTED = ["always", "unless-stopped"];

/** Targets that are mounted on demand from the start: by units that are enabled, and by lines of fstab. */
function onDemand({ units }: GuestState, root: string): string[] {
  const names = readdirSync(join(root, "etc/systemd/system")).filter((name) => name.endsWith(".automount"));
  const enabled = names.filter((name) => units[name]?.enabled === true);
  const own = enabled.map((name) => setting(readFileSync(join(root, "etc/systemd/system", name), "utf8"), "Where"));
  const lines = readFileSync(join(root, "etc/fstab"), "utf8").split("\n");
  const others = lines.filter((line) => !line.startsWith("#") && /\bx-systemd\.automount\b/.test(line));
  return [...new Set([...own, ...others.map((line) => line.split(/\s+/)[1] ?? "")])];
}

/** @param root its `/`. */
export function reboot(state: GuestState, root: string): void {
  for (const name of readdirSync(join(root, "run"))) rmSync(join(root, "run", name), { recursive: true, force: true });
  // Units that start at boot are there again: of a mount on demand, what waits for the first who asks.
  state.mounts = onDemand(state, root).map((target) => ({
    ...{ target, type: "autofs", source: "systemd-1", options: "rw,relatime" },
  }));
  for (const unit of Object.values(state.units)) Object.assign(unit, { active: unit.enabled, stale: false });
  for (const container of state.containers) {
    if (container.status !== "running") continue;
    if (!RESTARTED.includes(container.restart ?? "no")) {
      Object.assign(container, { status: "exited", exitCode: 137, pid: 0 });
      continue;
    }
    const [, owner] = /^container:(.+)$/.exec(container.networkMode) ?? [];
    // Docker starts all of them at once, and none of them twice.
    if (owner !== undefined) {
      const error = `cannot join network of a non running container: ${owner}`;
      Object.assign(container, { status: "exited", exitCode: 128, pid: 0, error });
    } else Object.assign(container, { pid: ++state.last, namespace: ++state.last });
  }
  rejoin(state);
}
