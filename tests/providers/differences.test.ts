import fc from "fast-check";
import { differences } from "../../providers/differences";

const plain = fc.dictionary(
  fc.string({ minLength: 1 }).filter((name) => name !== "__proto__" && !name.includes(".")),
  fc.oneof(fc.integer(), fc.string(), fc.array(fc.integer()), fc.dictionary(fc.constantFrom("a", "b"), fc.integer())),
);

test("what is the same has no differences, whatever the order of its keys", () => {
  fc.assert(
    fc.property(plain, (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(differences(value, turned)).toEqual([]);
    }),
  );
});

test("each changed property is named once, with both values", () => {
  const live = { memory: "4GiB", disks: { scsi0: { size: "8GiB" }, scsi1: { size: "1GiB" } }, tags: ["a"] };
  const wanted = { memory: "8GiB", disks: { scsi0: { size: "8GiB", ssd: true } }, tags: ["a", "b"] };
  expect(differences(live, wanted)).toEqual([
    { property: "disks.scsi0.ssd", live: undefined, wanted: true },
    { property: "disks.scsi1", live: { size: "1GiB" }, wanted: undefined },
    { property: "memory", live: "4GiB", wanted: "8GiB" },
    { property: "tags", live: ["a"], wanted: ["a", "b"] },
  ]);
});
