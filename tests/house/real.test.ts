/** The house that the lab's commands act on while its guests are real. */
import { declarable, unknowns } from "../../house/unknowns";
import { realOverrides } from "../../lab/overrides";
import { renderConfig } from "../../lab/stack";
import { sectionsFromStackFile } from "../../house/load";
import { house, stackText } from "./support";

test("each of its VMs boots with an address and the lab's key, and nothing of it is unknown", () => {
  const file = renderConfig(stackText("real"), realOverrides(stackText("real"), "ssh-ed25519 AAAA"), "");
  const real = house(sectionsFromStackFile(file, "Pulumi.real.yaml").sections);
  expect(unknowns(real)).toEqual([]);
  const vms = Object.values(declarable(real));
  expect(vms.map(({ vmid, address }) => [vmid, address])).toEqual([
    [120, 120],
    [121, 121],
  ]);
  for (const vm of vms)
    expect(vm).toMatchObject({
      state: "running",
      agent: true,
      cloudInit: { user: "evan", sshKeys: ["ssh-ed25519 AAAA"] },
    });
});
