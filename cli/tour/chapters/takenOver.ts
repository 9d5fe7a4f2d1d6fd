/** A Proxmox that somebody set up by hand is described and taken over, without a write to it. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../engine/run";
import { houseNode, LAB_TOKEN } from "../../../lab/proxmox/seeds";
import { startServers, type LabServers } from "../../../lab/servers";
import { openStack, type Override } from "../../../lab/stack";
import { engineConfig } from "../../adopt/engineConfig";
import { takeOver, type TakeOver } from "../../adopt/takeOver";
import { write } from "../../adopt/write";
import { houseFrom } from "../../readStack";
import { projectRoot } from "../../root";
import { expecting, type Chapter } from "../chapter";
import { CLEAN, must, rootAt, type Stage } from "../stage";

const NODE = "/nodes/infinity-node";
const TOKEN = `root@pam!lab=${LAB_TOKEN}`;

async function setUpByHand({ serving }: LabServers): Promise<void> {
  const hands = rootAt(serving);
  const common = { net0: "virtio,bridge=vmbr0", cores: 2, memory: 4096 };
  for (const vm of [
    { vmid: 200, name: "films", scsi0: "local-lvm:32", scsi1: "local-lvm:8,backup=0", balloon: 2048, tags: "media" },
    { vmid: 201, name: "photos", scsi0: "local-lvm:64", agent: "1", onboot: 1 },
  ]) {
    await hands.task(await hands.post<string>(`${NODE}/qemu`, { ...common, ...vm }));
  }
  await hands.close();
}

async function adopt(stage: Stage, servers: LabServers, say: (line: string) => void): Promise<void> {
  const dir = join(stage.dir, "found");
  mkdirSync(dir);
  const { url: endpoint, fingerprint } = servers.serving;
  const file = join(dir, "Pulumi.found.yaml");
  const env = { PROXMOX_VE_API_TOKEN: TOKEN };
  const code = await write({ file, force: false, endpoint, fingerprint, env, print: say });
  expecting("a house that holds together", code === 0, code);

  const stackFile = readFileSync(file, "utf8");
  const overrides: Override[] = [[["config", "pulumi-nodejs:hypervisor", "apiToken"], TOKEN]];
  const stack = await openStack({ engine: stage.engine, root: projectRoot, dir, name: "found", stackFile, overrides });
  const pulumi: TakeOver["pulumi"] = (args, more) =>
    run(join(stage.engine.bin, "pulumi"), [...stack.arguments(args), "--non-interactive"], {
      cwd: projectRoot,
      env: { ...stack.env, ...more },
    });
  const { house } = houseFrom(readFileSync(stack.configFile, "utf8"), "Pulumi.found.yaml", () => undefined);
  const lines: string[] = [];
  const print = (line: string) => lines.push(...line.split("\n"));
  const taken = await takeOver({ house, withDifferences: false, env: await engineConfig(pulumi), pulumi, print });
  expecting("all of it taken over", taken === 0, lines);
  say(`infinity adopt: ${lines.at(-1) ?? ""}`);
  must(CLEAN, await stack.run(CLEAN));
}

export const takenOver: Chapter = {
  title: "An existing Proxmox is taken over, without a write",
  async play(stage, say) {
    const servers = await startServers({ proxmox: { initial: houseNode() } });
    try {
      await setUpByHand(servers);
      const before = JSON.stringify(servers.proxmox.world.vms);
      servers.proxmox.calls.reset();
      say("another Proxmox, set up by hand: VM 200 films, VM 201 photos");
      await adopt(stage, servers, say);
      const { writes, list } = servers.proxmox.calls;
      expecting("no write at all", writes === 0, list);
      expecting("the VMs as they were", JSON.stringify(servers.proxmox.world.vms) === before);
      say(`the preview after it is clean; ${list.length} calls, ${writes} of them writes`);
    } finally {
      await servers.close();
    }
  },
};
