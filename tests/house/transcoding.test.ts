/** Hardware transcoding is one setting of a VM. */
import { vmArgs } from "../../components/vmArgs";
import { neededPrivileges } from "../../house/privileges";
import { declarable } from "../../house/unknowns";
import { house, problems, small } from "./support";

const web = (more: object) => small({ vms: { web: more } });

function pciOf(more: object): unknown {
  const parsed = house(web(more));
  const vm = declarable(parsed).web;
  if (!vm) throw new Error("the VM is not declarable");
  const args = vmArgs(parsed, vm, "u");
  expect(args).not.toHaveProperty("transcoding");
  return args.pci;
}

test.each([
  ["a mapping", { transcoding: { mapping: "igpu" } }, { hostpci0: { mapping: "igpu" } }],
  ["an address", { transcoding: { device: "00:02.0" } }, { hostpci0: { device: "00:02.0" } }],
  [
    "on q35, PCI Express",
    { machine: "q35", transcoding: { mapping: "igpu" } },
    { hostpci0: { mapping: "igpu", pcie: true } },
  ],
  [
    "beside other devices",
    { transcoding: { mapping: "igpu" }, pci: { hostpci1: { mapping: "tuner" } } },
    { hostpci0: { mapping: "igpu" }, hostpci1: { mapping: "tuner" } },
  ],
  ["none of it", {}, undefined],
])("the host's graphics unit: %s", (_what, more, expected) => {
  expect(pciOf(more)).toEqual(expected);
});

test("the slot can't be somebody else's, and an address is one of PCI", () => {
  const clash = problems(web({ transcoding: { mapping: "igpu" }, pci: { hostpci0: { mapping: "tuner" } } }));
  expect(clash.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
    "vms.web.pci.hostpci0: the slot is where transcoding puts the graphics unit",
  ]);
  expect(problems(web({ transcoding: { device: "gpu" } }))).toHaveLength(1);
  expect(problems(web({ transcoding: {} }))).toHaveLength(1);
});

test("a mapping takes a privilege, which the field asks for; an address doesn't", () => {
  const asked = (more: object) =>
    neededPrivileges(house(web(more)))
      .filter(({ name }) => name === "Mapping.Use")
      .flatMap(({ uses }) => uses);
  expect(asked({ transcoding: { mapping: "igpu" } })).toEqual([
    { field: "vms.web.transcoding", path: "/mapping/pci/igpu" },
  ]);
  expect(asked({ usb: { usb1: { mapping: "stick" } } })).toEqual([
    { field: "vms.web.usb.usb1", path: "/mapping/usb/stick" },
  ]);
  expect(asked({ transcoding: { device: "00:02.0" } })).toEqual([]);
});
