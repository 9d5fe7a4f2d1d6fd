/** Merging one house's data over another's. */
import fc from "fast-check";
import { merge } from "../../house/merge";

const KEYS = fc.constantFrom("a", "b", "c", "d");
const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
const map = fc.letrec<{ map: Record<string, unknown> }>((tie) => ({
  map: fc.dictionary(KEYS, fc.oneof({ maxDepth: 3 }, leaf, tie("map")), { maxKeys: 4 }),
})).map;

/** Every path that ends in something else than a map with keys. */
const leaves = (value: unknown, path: readonly string[] = []): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]))
    : [[path.join("."), value]];

const at = (value: unknown, path: string): unknown =>
  path === "" ? value : path.split(".").reduce<unknown>((v, key) => (v as Record<string, unknown>)[key], value);

describe("merge", () => {
  test("keeps every value of the extending side", () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        const merged = merge(base, over);
        // An empty map over a map changes nothing in it.
        for (const [path, value] of leaves(over).filter(([, value]) => JSON.stringify(value) !== "{}")) {
          expect(at(merged, path)).toEqual(value);
        }
      }),
    );
  });

  test("has nothing that neither side has", () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        const known = new Set([...leaves(base), ...leaves(over)].map((one) => JSON.stringify(one)));
        const invented = leaves(merge(base, over)).filter((one) => !known.has(JSON.stringify(one)));
        expect(invented).toEqual([]);
      }),
    );
  });

  test("with nothing is nothing new, on either side", () => {
    fc.assert(
      fc.property(map, (one) => {
        expect(merge(one, {})).toEqual(one);
        expect(merge({}, one)).toEqual(one);
        expect(merge(one, one)).toEqual(one);
      }),
    );
  });

  test("of three is the same from either end, where maps stay maps", () => {
    const deep = fc.record({ a: fc.dictionary(KEYS, leaf), b: fc.dictionary(KEYS, leaf) }, { requiredKeys: [] });
    fc.assert(
      fc.property(deep, deep, deep, (x, y, z) => {
        expect(merge(merge(x, y), z)).toEqual(merge(x, merge(y, z)));
      }),
    );
  });

  test("changes neither side", () => {
    fc.assert(
      fc.property(map, map, (base, over) => {
        const before = JSON.stringify([base, over]);
        merge(base, over);
        expect(JSON.stringify([base, over])).toBe(before);
      }),
    );
  });

  test("replaces lists as a whole", () => {
    expect(merge({ dns: [1, 2] }, { dns: [3] })).toEqual({ dns: [3] });
  });

  test("never takes over what is encrypted for another stack, however deep", () => {
    const encrypted = { secure: "AAABAKq0" };
    const base = {
      hypervisor: { node: "pve", apiToken: encrypted, tls: { fingerprint: encrypted } },
      domain: encrypted,
    };
    expect(merge(base, { hypervisor: { user: "root@pam" }, list: [1] })).toEqual({
      hypervisor: { node: "pve", tls: {}, user: "root@pam" },
      list: [1],
    });
    expect(merge({ keys: [encrypted, "a"] }, {})).toEqual({ keys: ["a"] });
  });

  test("keeps what is encrypted for the extending stack, and does not mix the two", () => {
    expect(merge({ password: { secure: "old" } }, { password: { secure: "new" } })).toEqual({
      password: { secure: "new" },
    });
    expect(merge({ tls: { caFile: "/ca" } }, { tls: { secure: "new" } })).toEqual({ tls: { secure: "new" } });
  });

  test("leaves prototypes alone", () => {
    const merged = merge(JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>, { a: 1 });
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
    expect((merged as { polluted?: number }).polluted).toBeUndefined();
  });
});
