/** A VM taken out of the house stays where it is; put back in, it is known again. */
import { expecting, type Chapter } from "../chapter";
import { CLEAN, UP, type Stage } from "../stage";

const DEBIAN = "/nodes/infinity-node/qemu/105/config";

const recorded = async (stage: Stage): Promise<boolean> =>
  (await stage.pulumi(["stack", "export"])).includes("VirtualMachine$pulumi-nodejs:dynamic/proxmox:Vm::debian");

export const forgotten: Chapter = {
  title: "A VM is forgotten, and taken back",
  async play(stage, say) {
    const before = JSON.stringify(await stage.hands.get(DEBIAN));
    // A house that extends another can't leave one of its VMs out; without its figures it is not declared.
    const putBack = stage.change([["vms", "debian"], { vmid: 105 }]);
    stage.writes();
    await stage.pulumi(UP);
    expecting("it forgotten", !(await recorded(stage)));
    expecting("it left as it is", JSON.stringify(await stage.hands.get(DEBIAN)) === before);
    say(`VM 105 taken out: forgotten, and left as it is with its disk; writes: ${stage.writes().length}`);
    putBack();
    await stage.pulumi(UP);
    const writes = stage.writes();
    expecting("it known again without a write", (await recorded(stage)) && writes.length === 0, writes);
    await stage.pulumi(CLEAN);
    say(`put back in: known by its uuid, in the stack again; writes: ${writes.length}`);
  },
};
