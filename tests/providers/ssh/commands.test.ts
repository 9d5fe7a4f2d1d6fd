/** How long a command on a host may take before nobody waits for it. */
import { timeLimitMs } from "../../../providers/ssh/commands";

test("what changes something may take longer than what only looks, and a limit that is given counts for both", () => {
  expect(timeLimitMs({ reads: true })).toBe(60_000);
  expect(timeLimitMs({})).toBe(300_000);
  expect([timeLimitMs({ timeoutMs: 5, reads: true }), timeLimitMs({ timeoutMs: 5 })]).toEqual([5, 5]);
});
