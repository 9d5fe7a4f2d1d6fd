/** Somebody edits the house by hand: found property by property, what the house names put back, the rest left. */
import { expecting, type Chapter } from "../chapter";
import { FOUND, look } from "../look";
import { CLEAN, UP } from "../stage";

const EMBY = "/nodes/infinity-node/qemu/100/config";
const NIC = "virtio=BC:24:11:00:00:05,bridge=vmbr0";

export const edits: Chapter = {
  title: "Edits behind its back are found and repaired",
  async play(stage, say) {
    await stage.hands.put(EMBY, { memory: 4096, balloon: 2048, name: "by-hand", net1: NIC });
    stage.writes();
    say("by hand on VM 100: half the RAM, another name, and a second NIC that the house doesn't name");
    const found = await look(stage, FOUND);
    for (const part of ["memory: was 8GiB, is 4GiB", "name: was ininity-node-emby, is by-hand", "net1: was none, is"])
      expecting(`a finding: ${part}`, found.join("\n").includes(part), found);
    say("infinity drift: exit code 7");
    for (const line of found.filter((text) => /^\s+(memory|balloon|name|net1)|checked/.test(text)))
      say(`  ${line.trim()}`);
    await stage.pulumi(CLEAN, FOUND);
    expecting("no write of a look", stage.writes().length === 0);

    await stage.pulumi([...UP, "--refresh"]);
    const after = await stage.hands.get<Readonly<Record<string, unknown>>>(EMBY);
    const { memory, balloon, name, net1 } = after;
    expecting("the RAM put back", memory === "8192" && balloon === 4096, after);
    expecting("its name put back, the NIC left", name === "ininity-node-emby" && net1 === NIC, after);
    await look(stage, 0);
    say("pulumi up --refresh: RAM and name put back, the NIC left and noted; infinity drift: exit code 0");
  },
};
