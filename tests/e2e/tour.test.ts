/** The tour is a story whose every step is checked: here that it is told to its end, with what it says it saw. */
import { stripVTControlCharacters } from "node:util";
import { CHAPTERS, tour } from "../../cli/tour/tour";
import { ensureEngine } from "../../engine/engine";

jest.setTimeout(900_000);

test("the tour is told to its end", async () => {
  const lines: string[] = [];
  await tour(await ensureEngine(), (text) => lines.push(...stripVTControlCharacters(text).split("\n")));
  const titles = lines.filter((line) => /^\d+\. /.test(line));
  expect(titles).toEqual(CHAPTERS.map(({ title }, index) => `${index + 1}. ${title}`));
  const told = lines.join("\n");
  for (const part of [
    /net1: was none, is virtio=BC:24:11:00:00:05.*not in the house/,
    /service emby: exited \(143\)[^]*share not mounted[^]*file edited by hand: docker-compose\.yml[^]*user added by hand: mallory/,
    /killed with all its processes, [1-9]\d* of its writes sent/,
    /infinity adopt: \d+ taken over.*nothing was written/,
    /the preview after it is clean; \d+ calls, 0 of them writes/,
    /known by its uuid, in the stack again; writes: 0/,
    /\d+\. VM 100 emby becomes 10\.20\.30\.172/,
    /the old one revoked: the next run says 401/,
  ]) {
    expect(told).toMatch(part);
  }
  expect(lines.at(-1)).toBe(`All ${CHAPTERS.length} chapters as expected.`);
});
