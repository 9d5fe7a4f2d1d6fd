/** Texts that go in and out: property strings, sizes, forms and the digest, as properties over what people may send. */
import fc from "fast-check";
import { formatDiskSize, parseDiskSize, parseDrive, printDrive } from "../../lab/proxmox/qemu/drive";
import { digestOf, renderConfig } from "../../lab/proxmox/qemu/render";
import { uniqueTags } from "../../lab/proxmox/qemu/values";
import { parseForm, readParams } from "../../lab/proxmox/wire/body";
import type { Vm } from "../../lab/proxmox/world";

const flag = fc.constantFrom("0", "1");
const options = fc.record(
  {
    ssd: flag,
    backup: flag,
    iothread: flag,
    cache: fc.constantFrom("none", "writeback", "unsafe"),
    discard: fc.constantFrom("on", "ignore"),
    size: fc.integer({ min: 1, max: 2 ** 43 }).map(String),
  },
  { requiredKeys: [] },
);

test("a drive that was printed reads back as the same drive, and prints the same again", () => {
  fc.assert(
    fc.property(options, fc.nat(30), (wanted, index) => {
      const key = `scsi${index}`;
      const printed = printDrive({ key, file: "local-lvm:vm-100-disk-0", options: { ...wanted } });
      const again = parseDrive(key, printed);
      expect(again.options).toEqual(wanted);
      expect(printDrive(again)).toBe(printed);
    }),
  );
});

test("the order of a drive's options does not matter", () => {
  fc.assert(
    fc.property(options, fc.infiniteStream(fc.nat()), (wanted, order) => {
      const parts = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
      const shuffled = [...parts].sort(() => (order.next().value % 2 === 0 ? 1 : -1));
      const print = (list: string[]): string => printDrive(parseDrive("scsi0", ["local-lvm:8", ...list].join(",")));
      expect(print(shuffled)).toBe(print(parts));
    }),
  );
});

test("a size is printed in the largest unit that divides it, and means the same bytes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => {
      expect(parseDiskSize(formatDiskSize(bytes))).toBe(bytes);
    }),
  );
  expect([1.5 * 1024 ** 4, 107374592, 8704 * 1024 ** 2].map(formatDiskSize)).toEqual(["1536G", "104858K", "8704M"]);
});

test("a form that is percent-encoded arrives as it was sent; one that is not loses what follows a second `=`", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => {
      expect(parseForm(new URLSearchParams({ key: value }).toString())).toEqual({ key: value });
    }),
  );
  expect(parseForm("net0=virtio,bridge=vmbr0")).toEqual({ net0: "virtio,bridge" });
  expect(parseForm("a=1&a=2")).toEqual({ a: ["1", "2"] });
});

test("JSON and forms say the same", () => {
  const json = readParams("", '{"cores":2,"onboot":true,"name":"x"}', "application/json");
  expect(json).toEqual(readParams("", "cores=2&onboot=1&name=x", "application/x-www-form-urlencoded"));
});

test("tags come out sorted, lower-cased and once, however they were separated", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("a", "B", "prod", "Web")),
      fc.constantFrom(",", ";", " ", ", "),
      (tags, by) => {
        expect(uniqueTags(tags.join(by)).split(";").filter(Boolean)).toEqual(
          [...new Set(tags.map((tag) => tag.toLowerCase()))].sort(),
        );
      },
    ),
  );
});

const vm = (change: Partial<Vm>): Vm => ({
  vmid: 100,
  config: { cores: "2" },
  pending: {},
  deletes: {},
  cloudinit: {},
  ...change,
});

test("the digest is of the content: of what is pending too, and not of the order it was written in", () => {
  const base = digestOf(vm({}));
  expect(digestOf(vm({ pending: { cores: "4" } }))).not.toBe(base);
  expect(digestOf(vm({ deletes: { cores: 1 } }))).not.toBe(base);
  expect(digestOf(vm({ config: { cores: "2", name: "x" } }))).toBe(digestOf(vm({ config: { name: "x", cores: "2" } })));
  expect(renderConfig(vm({ config: { description: "one\ntwo", cores: "2" }, deletes: { net0: 1, scsi1: 2 } }))).toBe(
    "#one\n#two\ncores: 2\n\n[PENDING]\ndelete: net0,!scsi1\n",
  );
});
