/** The order of a run: by what matters, and by what is needed. */
import fc from "fast-check";
import { inOrder, type OrderedStack } from "../../../house/stacks/order";
import type { PlannedStack } from "../../../house/stacks/planned";

type Priority = PlannedStack["stack"]["priority"];

/** Of a stack the order takes its name, what it matters and what it needs. */
const planned = (name: string, priority: Priority, needs: readonly string[] = [], vm = "one"): PlannedStack =>
  ({ vm, stack: { name, priority, needs } }) as unknown as PlannedStack;

const names = (stacks: readonly PlannedStack[]): string[] => stacks.map(({ vm, stack }) => `${stack.name}.${vm}`);

const order = (...stacks: readonly PlannedStack[]): OrderedStack[] => inOrder(stacks);

test("what matters more comes first, also on another VM, and waits for nothing that matters less", () => {
  const found = order(
    planned("tiles", "none"),
    planned("photos", "important"),
    planned("films", "critical", [], "two"),
  );
  expect(names(found)).toEqual(["films.two", "photos.one", "tiles.one"]);
  expect(found.map(({ after }) => names(after))).toEqual([[], ["films.two"], ["photos.one", "films.two"]]);
});

test("what is needed comes first among its like, on whichever VM", () => {
  const found = order(planned("films", "critical", ["vpn"]), planned("vpn", "critical", [], "two"));
  expect(names(found)).toEqual(["vpn.two", "films.one"]);
  expect(found.map(({ needs }) => names(needs))).toEqual([[], ["vpn.two"]]);
});

test("what matters less than the one that needs it comes after it, and isn't needed by it", () => {
  const found = order(planned("solver", "none"), planned("indexer", "critical", ["solver"]));
  expect(names(found)).toEqual(["indexer.one", "solver.one"]);
  expect(found.map(({ needs }) => names(needs))).toEqual([[], []]);
});

test("each is there once, after all that it waits for", () => {
  const stacks = fc
    .array(
      fc.record({
        priority: fc.constantFrom<Priority[]>("critical", "important", "none"),
        vm: fc.constantFrom("one", "two"),
        needs: fc.array(fc.nat(9), { maxLength: 3 }),
      }),
      { maxLength: 10 },
    )
    // Needs only of those before it: no circle.
    .map((all) =>
      all.map(({ priority, vm, needs }, index) =>
        planned(String(index), priority, needs.filter((need) => need < index).map(String), vm),
      ),
    )
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }));
  fc.assert(
    fc.property(stacks, (all) => {
      const found = names(inOrder(all));
      expect([...found].sort()).toEqual(names(all).sort());
      for (const one of inOrder(all))
        for (const before of names([...one.needs, ...one.after]))
          expect(found.indexOf(before)).toBeLessThan(found.indexOf(names([one])[0] ?? ""));
    }),
  );
});
