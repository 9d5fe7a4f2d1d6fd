/** A run is killed in the middle of making VMs: the next one finishes it, nothing twice. */
import { expecting, type Chapter } from "../chapter";
import { CLEAN, UP, type Stage } from "../stage";

const NODE = "/nodes/infinity-node";
const NEW = [110, 111, 112];

const machine = (vmid: number) => ({
  ...{ vmid, state: "stopped", cpu: { cores: 1 }, memory: "1GiB" },
  disks: { scsi0: { storage: "local-lvm", size: "8GiB" }, scsi1: { storage: "local-lvm", size: "4GiB" } },
});

/** Runs `up` until a VM's first task is asked for, which is never answered; then kills all that it started. */
async function killInTheMiddle(stage: Stage): Promise<void> {
  const { faults } = stage.servers.proxmox;
  const killer = new AbortController();
  const ended = stage.stack.run(UP, { signal: killer.signal });
  const until = async (): Promise<"drop"> => {
    killer.abort();
    await ended;
    return "drop";
  };
  faults.add({ match: { method: "GET", path: /\/tasks\// }, times: 1000, kind: "hold", when: "arrived", until });
  const { code } = await ended;
  faults.clear();
  expecting("an end by the signal", code === -1, code);
}

export const killed: Chapter = {
  title: "A killed run is finished by the next",
  async play(stage, say) {
    stage.change(...NEW.map((vmid) => [["vms", `new-${vmid}`], machine(vmid)] as const));
    stage.writes();
    await killInTheMiddle(stage);
    const begun = stage.writes();
    say(`three VMs more; pulumi up killed with all its processes, ${begun.length} of its writes sent`);
    await stage.stack.recover();
    await stage.pulumi(UP);
    const volumes = await stage.hands.get<readonly { volid: string; vmid?: number }[]>(
      `${NODE}/storage/local-lvm/content`,
    );
    const theirs = volumes.filter(({ vmid = 0 }) => NEW.includes(vmid)).map(({ volid }) => volid);
    expecting("two volumes for each of the three VMs", theirs.length === 2 * NEW.length, theirs);
    await stage.pulumi(CLEAN);
    say("pulumi up again: complete; six disks for three VMs, nothing twice, no lock to clear by hand");
  },
};
