/**
 * The recordings and how each is replayed: from which state, on one server with which others. Starts labs in this
 * process and closes them.
 */
import { startProxmox } from "../../../lab/proxmox/server";
import type { WorldSeed } from "../../../lab/proxmox/world";
import { readExchanges } from "./exchange";
import { recordedNode, secrets } from "./node";
import type { Outcome } from "./outcome";
import { replay } from "./replay";
import { replayTranscripts } from "./transcripts";
import { replayVerdicts } from "./verdicts";

export interface Suite {
  /** Of the recordings that follow one another on one server. */
  readonly names: readonly string[];
  /** The outcomes by recording, in the order of the names. @param folder that the recordings are in */
  run(folder: string): Promise<readonly (readonly Outcome[])[]>;
}

export const suites: readonly Suite[] = [
  exchanges("01-basic", "02-vm-create", "03-vm-config"),
  exchanges("05-disks-clone-snapshot"),
  exchanges("07-storage-backupjobs"),
  exchanges("08-access-permissions"),
  exchanges("09-ha-firewall-pools-misc"),
  exchanges("10-guest-os-agent-rawdisk"),
  {
    names: ["qemu-transcripts"],
    run: (folder) =>
      withLab(transcriptNode(), async (lab) => [await replayTranscripts(lab, `${folder}/qemu-transcripts.jsonl`)]),
  },
  {
    names: ["request-validation"],
    run: (folder) =>
      withLab(recordedNode("pve1"), async ({ url }) => [
        await replayVerdicts({ url, secrets }, `${folder}/request-validation.jsonl`),
      ]),
  },
];

function exchanges(...names: readonly string[]): Suite {
  return {
    names,
    run: (folder) =>
      withLab(recordedNode(), ({ url, world }) =>
        replay(
          { url, secrets, world },
          names.map((name) => ({ name, exchanges: readExchanges(`${folder}/exchanges/${name}.jsonl`) })),
        ),
      ),
  };
}

type Lab = Awaited<ReturnType<typeof startProxmox>>;

async function withLab<T>(initial: WorldSeed, use: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await startProxmox({ initial, latencyMs: 0, taskMs: 1 });
  try {
    return await use(lab);
  } finally {
    await lab.close();
  }
}

/** The transcripts' node has another name and an NFS storage; its guests are set before each scenario. */
function transcriptNode(): WorldSeed {
  const node = recordedNode("vm");
  const nfs1 = {
    storage: "nfs1",
    type: "nfs",
    properties: { server: "192.0.2.9", export: "/volume1", content: "images,iso,snippets" },
  } as const;
  const tokens = { ...node.tokens, "root@pam!ci": { secret: secrets.token, privsep: false } };
  return { ...node, tokens, nfsServers: ["192.0.2.9"], storages: { ...node.storages, nfs1 } };
}
