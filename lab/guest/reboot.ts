/** What a guest has lost, and what is there again, once it came up anew. Changes its state and empties its `/run`. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { GuestState } from "./state";

const RESTARTED = ["always", "unless-stopped"];

/** @param root its `/`. */
export function reboot(state: GuestState, root: string): void {
  for (const name of readdirSync(join(root, "run"))) rmSync(join(root, "run", name), { recursive: true, force: true });
  // Units that start at boot are there again: of a mount on demand, what waits for the first who asks.
  state.mounts = state.mounts.filter(({ type }) => type === "autofs");
  for (const unit of Object.values(state.units)) Object.assign(unit, { active: unit.enabled, stale: false });
  const spaces = new Map<number, number>();
  for (const container of state.containers) {
    if (container.status !== "running") continue;
    if (!RESTARTED.includes(container.restart ?? "no")) {
      Object.assign(container, { status: "exited", exitCode: 137, pid: 0 });
      continue;
    }
    const space = spaces.get(container.namespace) ?? ++state.last;
    spaces.set(container.namespace, space);
    Object.assign(container, { pid: ++state.last, namespace: space });
  }
}
