/**
 * Where the tour plays: the house of Pulumi.lab.yaml on servers of its own in this process, in a folder of its own. The
 * lab in the background and its stack are somebody's to play with, and stay as they are.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../engine/engine";
import type { RunOptions, RunResult } from "../../engine/run";
import type { House } from "../../house/schema";
import { guestsOfHouse } from "../../lab/guest/ofHouse";
import { labOverrides } from "../../lab/overrides";
import { houseNode, LAB_PASSWORD } from "../../lab/proxmox/seeds";
import { startServers, type LabServers } from "../../lab/servers";
import { openStack, type Override, type Stack } from "../../lab/stack";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { houseFrom } from "../readStack";
import { projectRoot } from "../root";

export interface Stage {
  readonly servers: LabServers;
  readonly engine: Engine;
  /** Folder of the stack's own files. */
  readonly dir: string;
  readonly stack: Stack;
  /** Somebody else at the same Proxmox: looks, and edits behind the program's back. */
  readonly hands: ProxmoxClient;
  /** `pulumi ARGS`. @throws with the engine's output where the exit code is another. */
  pulumi(args: readonly string[], expected?: number, options?: Pick<RunOptions, "signal">): Promise<string>;
  /**
   * Changes the house from here on: values by path, `[["vms", "emby", "memory"], "12GiB"]` below `infinity-node:`.
   * @returns what takes the change back.
   */
  change(...values: Override[]): () => void;
  /** The house as the stack describes it now. */
  house(): House;
  /** Writes to Proxmox and to the clouds since the last call of this, without those they refused: `PUT /nodes/...`. */
  writes(): readonly string[];
  close(): Promise<void>;
}

const REFUSED = 400;

export const UP = ["up", "--yes", "--skip-preview"] as const;
export const CLEAN = ["preview", "--refresh", "--expect-no-changes"] as const;

/** A root login of its own, by what is asked of the server alone. */
export function rootAt({ url: endpoint, fingerprint }: LabServers["serving"]): ProxmoxClient {
  const hypervisor = { endpoint, tls: { fingerprint }, user: "root@pam", password: LAB_PASSWORD };
  return connect(connectionFrom({ PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }) }));
}

export function must(args: readonly string[], { code, stdout, stderr }: RunResult, expected = 0): string {
  if (code === expected) return stdout + stderr;
  throw new Error(`pulumi ${args.join(" ")}: exit code ${code} instead of ${expected}\n${stdout}${stderr}`);
}

const inFull = ([section = "", ...path]: readonly string[]): readonly string[] => [
  "config",
  section.includes(":") ? section : `infinity-node:${section}`,
  ...path,
];

export async function openStage(engine: Engine): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), "infinity-tour-"));
  const read = (file: string): string => readFileSync(join(projectRoot, file), "utf8");
  const stackFile = read("Pulumi.lab.yaml");
  const inside = { dir: join(dir, "inside"), of: guestsOfHouse(stackFile, read) };
  const servers = await startServers({ proxmox: { initial: houseNode() }, inside });
  const overrides = labOverrides(servers.serving);
  const stack = await openStack({ engine, root: projectRoot, dir, name: "lab", stackFile, overrides });
  const hands = rootAt(servers.serving);
  const changes = new Set<readonly Override[]>();
  const configure = (): void => {
    stack.configure(stackFile, [...overrides, ...[...changes].flat()]);
  };
  return {
    ...{ servers, engine, dir, stack, hands },
    pulumi: async (args, expected, options) => must(args, await stack.run(args, options), expected),
    change: (...values) => {
      const change = values.map(([path, value]): Override => [inFull(path), value]);
      changes.add(change);
      configure();
      return () => {
        changes.delete(change);
        configure();
      };
    },
    house: () =>
      houseFrom(readFileSync(stack.configFile, "utf8"), "Pulumi.lab.yaml", (file) =>
        readFileSync(join(projectRoot, file), "utf8"),
      ).house,
    writes: () => {
      const { proxmox, clouds } = servers;
      const all = [...proxmox.calls.list, ...clouds.calls];
      proxmox.calls.reset();
      clouds.calls.length = 0;
      return all
        .filter(({ method, path, status }) => method !== "GET" && path !== "/access/ticket" && status < REFUSED)
        .map((call) => `${call.method} ${call.path}${"params" in call ? ` ${JSON.stringify(call.params)}` : ""}`);
    },
    close: async () => {
      await hands.close();
      await servers.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
