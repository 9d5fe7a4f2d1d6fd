/** The house comes up, and a second run finds nothing to do. */
import { resourceCounts } from "../../progress";
import { expecting, type Chapter } from "../chapter";
import { CLEAN, UP } from "../stage";

export const houseUp: Chapter = {
  title: "The house comes up",
  async play(stage, say) {
    say(`pulumi up: ${resourceCounts(await stage.pulumi(UP))}`);
    const vms = await stage.hands.get<readonly { vmid: number; status: string }[]>("/nodes/infinity-node/qemu");
    const running = vms.filter(({ status }) => status === "running").length;
    expecting("the seed's six VMs, four of them running", vms.length === 6 && running === 4, vms);
    stage.writes();
    await stage.pulumi(CLEAN);
    const writes = stage.writes();
    expecting("no write of a preview", writes.length === 0, writes);
    say("preview --refresh: nothing left to change, nothing written");
  },
};
