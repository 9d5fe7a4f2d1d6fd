/** The house that the lab's commands act on while its guests are real. */
import { join } from "node:path";
import { stackFolders } from "../../components/stackFolders";
import { knownGuests } from "../../house/guests";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile } from "../../house/load";
import type { House } from "../../house/schema";
import type { Placed } from "../../house/stacks/placed";
import { plannedStacks } from "../../house/stacks/planned";
import { declarable, unknowns } from "../../house/unknowns";
import { realGuestsOf } from "../../lab/guests/ofHouse";
import { realOverrides } from "../../lab/overrides";
import { renderConfig } from "../../lab/stack";
import { formatProblem } from "../../values/problem";
import { projectRoot } from "../support/shared";
import { stackText } from "./support";

const ACCESS = { key: "private", publicKey: "ssh-ed25519 AAAA", ports: { first: 1022, second: 2022 } };
const folders = stackFolders(join(projectRoot, "stacks"));

function parsed(): { readonly house: House; readonly stacks: Placed } {
  const file = renderConfig(stackText("real"), realOverrides(stackText("real"), ACCESS), "");
  const result = parseHouse({ ...sectionsFromStackFile(file, "Pulumi.real.yaml"), folders });
  if ("house" in result) return result;
  throw new Error(result.problems.map(formatProblem).join("\n"));
}

test("each of its VMs boots with an address and the lab's key, and nothing of it is unknown", () => {
  const { house: real, stacks } = parsed();
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
  for (const guest of Object.values(knownGuests(real)))
    expect(guest).toMatchObject({ users: { evan: { keys: ["ssh-ed25519 AAAA"] } }, docker: {} });
  const { stacks: planned, lacking } = plannedStacks(real, stacks, { portainer: { ADMIN_PASSWORD: "given" } });
  expect(lacking.map(formatProblem)).toEqual([]);
  expect(planned.length).toBe(6);
});

test("it has a NAS with the library, an address for each guest, and a stand-in for every image of its stacks", () => {
  const { standIns, nas, addresses } = realGuestsOf(stackText("real"), folders);
  expect(addresses).toEqual({ first: "192.168.86.120", second: "192.168.86.121" });
  expect(nas).toMatchObject({
    address: "192.168.86.43",
    subnet: { cidr: "192.168.86.0/24", gateway: "192.168.86.1" },
    owner: { uid: 1000, gid: 1000 },
  });
  expect(nas?.folders).toContain("media/music");
  const { house: real, stacks } = parsed();
  for (const [name, { vmid }] of Object.entries(real.vms)) {
    const wanted = (stacks[name] ?? []).flatMap(({ services }) =>
      Object.values(services).map((one) => one.image.reference),
    );
    expect(standIns[vmid]?.map(({ image }) => image)).toEqual([...new Set(wanted)].sort());
  }
});

test("a house that has problems asks for nothing: the program says what they are", () => {
  expect(realGuestsOf("config: {}", folders)).toEqual({ standIns: {}, addresses: {} });
});
