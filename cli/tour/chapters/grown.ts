/** A VM gets a bigger disk and more RAM: seen in the preview, made in place. */
import { changeLines, expecting, type Chapter } from "../chapter";
import { UP } from "../stage";

const MISC = "/nodes/infinity-node/qemu/103";

export const grown: Chapter = {
  title: "A VM grows, in place",
  async play(stage, say) {
    const { smbios1 } = await stage.hands.get<{ smbios1: string }>(`${MISC}/config`);
    stage.change([["vms", "misc", "memory"], "24GiB"], [["vms", "misc", "disks", "scsi0", "size"], "160GiB"]);
    const shown = changeLines(await stage.pulumi(["preview", "--diff"]), /^~ (memory|size) *:/);
    expecting("RAM and size in the preview", shown.length === 2, shown);
    for (const line of shown) say(`preview: ${line}`);
    await stage.pulumi(UP);
    const after = await stage.hands.get<Readonly<Record<string, string>>>(`${MISC}/config`);
    expecting("the disk grown", after.scsi0?.includes("size=160G") === true, after);
    expecting("the same VM", after.smbios1 === smbios1, after);
    const pending = await stage.hands.get<readonly { key: string; pending?: unknown }[]>(`${MISC}/pending`);
    expecting(
      "the RAM waiting for its next start",
      pending.some(({ key, pending: to }) => key === "memory" && to !== undefined),
    );
    say("pulumi up: the disk has 160 GiB; the RAM takes effect at its next start, and nothing was rebooted");
  },
};
