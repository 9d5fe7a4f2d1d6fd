/**
 * A world for engine tests: a simulated Proxmox in this process, a stack of its own with the real CLI, and a house as
 * data. Everything lies in a temporary folder and is gone afterwards.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { pendingClouds } from "../../cli/pendingClouds";
import { ensureEngine } from "../../engine/engine";
import type { AskEngine } from "../../engine/recover/fileBackend";
import type { RunResult } from "../../engine/run";
import { houseNode, LAB_TOKEN } from "../../lab/proxmox/seeds";
import { startProxmox, type LabProxmox, type ProxmoxOptions } from "../../lab/proxmox/server";
import type { LabGuest } from "../../lab/guest/guest";
import { guestsOfHouse } from "../../lab/guest/ofHouse";
import { labOverrides, sshOf } from "../../lab/overrides";
import { startServers, type LabServers } from "../../lab/servers";
import { openStack, type Override, type Stack } from "../../lab/stack";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { projectRoot } from "../support/shared";

export const TOKEN = `root@pam!lab=${LAB_TOKEN}`;

/** The sections of a stack file, without namespaces; another provider's keys with theirs. */
export type Sections = Readonly<Record<string, unknown>>;

export interface World {
  readonly proxmox: LabProxmox;
  /** Simulated guests by short name of their VM; none where the house looks into none. */
  readonly inside: Readonly<Record<string, LabGuest>>;
  /** Somebody else at the same Proxmox: looks, and edits behind the program's back. */
  readonly hands: ProxmoxClient;
  /** As it was opened last. */
  readonly stack: Stack;
  /** Folder of the stack's own files. */
  readonly dir: string;
  /** Describes another house to the next run. */
  describe(sections: Sections): void;
  /** The same house with other values by path, for the next run. */
  override(...values: Override[]): void;
  /** Opens the stack again, as the next command of a user would. */
  reopen(): Promise<void>;
  /** `pulumi ARGS`; throws with the engine's output where the exit code is not the expected one. */
  pulumi(args: readonly string[], expected?: number): Promise<string>;
  up(): Promise<string>;
  /** The resources of the stack's state as the engine stored them, by URN: their order is the engine's. */
  resources(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

const State = z.object({
  checkpoint: z.object({
    latest: z.object({
      // Dependencies are a set: the SDK lists them as their promises happen to resolve.
      resources: z.array(
        z.looseObject({
          urn: z.string(),
          dependencies: z
            .array(z.string())
            .transform((urns) => urns.sort())
            .optional(),
        }),
      ),
    }),
  }),
});

const PROVIDER_SECTIONS = new Set(["hypervisor", "network", "ssh"]);

function rootAt(proxmox: LabProxmox): ProxmoxClient {
  const { url: endpoint, fingerprint } = proxmox;
  const hypervisor = { endpoint, tls: { fingerprint }, user: "root@pam", password: "lab" };
  return connect(connectionFrom({ PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify(hypervisor) }) }));
}

/** The stack file of a house; `hypervisor` is completed with the simulated server's address. */
function stackFile(proxmox: LabProxmox, sections: Sections): string {
  const hypervisor = {
    node: "infinity-node",
    endpoint: proxmox.url,
    tls: { fingerprint: proxmox.fingerprint },
    apiToken: TOKEN,
    ...(sections.hypervisor as object | undefined),
  };
  return stringify(configOf({ ...sections, hypervisor }));
}

function configOf(sections: Sections): object {
  const config = Object.entries(sections).map(([name, value]) => [
    name.includes(":") ? name : `${PROVIDER_SECTIONS.has(name) ? "pulumi-nodejs" : "infinity-node"}:${name}`,
    value,
  ]);
  return { config: Object.fromEntries(config) as unknown };
}

/** @param root another checkout than this one: with stacks of its own. */
export async function openWorld(
  name: string,
  sections: Sections,
  lab: ProxmoxOptions = {},
  root = projectRoot,
): Promise<World> {
  const proxmox = await startProxmox({ initial: houseNode(), ...lab });
  const close = () => proxmox.close();
  return open(name, { proxmox, close }, stackFile(proxmox, sections), [], root);
}

const read = (name: string) => readFileSync(join(projectRoot, name), "utf8");

/** Servers with a simulated guest for each VM that the house of this stack file looks into. */
async function serversOf(file: string): Promise<LabServers> {
  const dir = mkdtempSync(join(tmpdir(), "infinity-lab-guests-"));
  const servers = await startServers({
    proxmox: { initial: houseNode() },
    inside: { dir, of: guestsOfHouse(file, read) },
  });
  const close = async (): Promise<void> => {
    await servers.close();
    rmSync(dir, { recursive: true, force: true });
  };
  return { ...servers, close };
}

/** The seed's own house, from the tracked files, as the lab runs it. */
export async function openSeedWorld(): Promise<World> {
  const file = read("Pulumi.lab.yaml");
  const servers = await serversOf(file);
  return open("lab", servers, file, labOverrides(servers.serving));
}

/** A house with simulated guests in those of its VMs that it looks into. */
export async function openGuestWorld(name: string, sections: Sections): Promise<World> {
  // Where its Proxmox listens is known once it does, and no guest depends on it.
  const servers = await serversOf(stringify(configOf({ hypervisor: { node: "pve", address: 2 }, ...sections })));
  const { proxmox, serving } = servers;
  const ssh: Override[] = serving.inside ? [[["config", "pulumi-nodejs:ssh"], sshOf(serving.inside)]] : [];
  return open(name, servers, stackFile(proxmox, sections), ssh);
}

async function open(
  name: string,
  servers: Pick<LabServers, "proxmox" | "inside" | "close">,
  file: string,
  overrides: readonly Override[],
  root = projectRoot,
): Promise<World> {
  const { proxmox, inside } = servers;
  const dir = mkdtempSync(join(tmpdir(), `infinity-${name}-`));
  const engine = await ensureEngine();
  const resolver = (ask: AskEngine) => pendingClouds(ask, {});
  const openIt = () => openStack({ engine, root, dir, name, stackFile: file, overrides, resolver });
  let stack = await openIt();

  const pulumi: World["pulumi"] = async (args, expected = 0) => {
    const result: RunResult = await stack.run(args);
    const output = result.stdout + result.stderr;
    if (result.code !== expected) {
      throw new Error(`pulumi ${args.join(" ")}: exit ${result.code} instead of ${expected}\n${output}`);
    }
    return output;
  };

  const hands = rootAt(proxmox);
  return {
    proxmox,
    inside: inside?.byName ?? {},
    hands,
    get stack() {
      return stack;
    },
    dir,
    describe: (next) => {
      stack.configure(stackFile(proxmox, next), overrides);
    },
    override: (...more) => {
      stack.configure(file, [...overrides, ...more]);
    },
    reopen: async () => {
      stack = await openIt();
    },
    pulumi,
    up: () => pulumi(["up", "--yes", "--skip-preview"]),
    resources: () => {
      const state = join(dir, "state", ".pulumi", "stacks", "infinity-node", `${name}.json`);
      const { checkpoint } = State.parse(JSON.parse(readFileSync(state, "utf8")));
      return Object.fromEntries(checkpoint.latest.resources.map((resource) => [resource.urn, resource]));
    },
    close: async () => {
      await hands.close();
      await servers.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
