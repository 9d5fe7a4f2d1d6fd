/** Sizes: what people write is what is counted. */
import fc from "fast-check";
import { formatSize, parseSize } from "../../values/size";

const bytes = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe("a size", () => {
  test.each([
    ["82GiB", 82 * 1024 ** 3],
    ["512MiB", 512 * 1024 ** 2],
    ["1.5TiB", 1.5 * 1024 ** 4],
    ["4TB", 4e12],
    ["1.8TB", 1.8e12],
    ["0.067GB", 67_000_000],
    ["82 GiB", 82 * 1024 ** 3],
    ["0MiB", 0],
    ["7B", 7],
  ])("%s is so many bytes", (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  test.each(["82", "", "GiB", "82G", "82gib", "-1GiB", "1e3GiB", "1.GiB", ".5GiB", "0.1B", "1.0001KiB", "9000000TiB"])(
    "%j is none",
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  test("comes back from its text, whatever the number of bytes", () => {
    fc.assert(fc.property(bytes, (n) => parseSize(formatSize(n)) === n));
  });

  test("is written in one way only", () => {
    fc.assert(fc.property(bytes, (n) => formatSize(parseSize(formatSize(n)) ?? -1) === formatSize(n)));
  });

  test("counts decimals exactly", () => {
    const unit = fc.constantFrom<[string, number]>(["MB", 1e6], ["GB", 1e9], ["TB", 1e12]);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_000_000 }), unit, (thousandths, [name, factor]) => {
        const text = `${Math.trunc(thousandths / 1000)}.${String(thousandths % 1000).padStart(3, "0")}${name}`;
        return parseSize(text) === thousandths * (factor / 1000);
      }),
    );
  });

  test.each([
    [86 * 1024 ** 3, "86GiB"],
    [1024 ** 4, "1TiB"],
    [1536 * 1024 ** 3, "1536GiB"],
    [0, "0B"],
    [1000, "1000B"],
  ])("%d bytes are written %s", (n, text) => {
    expect(formatSize(n)).toBe(text);
  });
});
