import { stripVTControlCharacters } from "node:util";
import { resourceCounts, resourceLines } from "../../cli/progress";

const OUTPUT = `Updating (lab):

@ updating.....
 +  pulumi:pulumi:Stack infinity-node-lab creating (0s) 
 +  infinity:house:VirtualMachine emby creating (0s) 
 +  pulumi-nodejs:dynamic/proxmox:Vm emby creating (0s) 
 +  pulumi-nodejs:dynamic/proxmox:Vm emby created (0.15s) 
 ~  pulumi-nodejs:dynamic/proxmox:Storage NAS updated (0.02s) [diff: ~content]
 +  pulumi:pulumi:Stack infinity-node-lab created (6s) 
Resources:
    + 3 created
    ~ 1 updated
    12 unchanged

Duration: 11s
`;

test("resources that are finished are said, wherever the output is cut", () => {
  for (const size of [1, 7, 1000]) {
    const lines: string[] = [];
    const sink = resourceLines((line) => lines.push(stripVTControlCharacters(line).trim()));
    for (let at = 0; at < OUTPUT.length; at += size) sink(OUTPUT.slice(at, at + size));
    expect(lines).toEqual(["+ Vm emby created (0.15s)", "~ Storage NAS updated (0.02s)"]);
  }
});

test("the counts at the end are said in one line", () => {
  expect(resourceCounts(OUTPUT)).toBe("3 created, 1 updated, 12 unchanged");
  expect(resourceCounts("nothing of the kind")).toBe("");
});
