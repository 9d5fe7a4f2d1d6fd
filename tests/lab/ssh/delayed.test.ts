/** A guest that is far away: each round trip takes its time, however much goes along with it, and a cut is a cut. */
import { performance } from "node:perf_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGuest, type LabGuest } from "../../../lab/guest/guest";
import { newKey } from "../../../lab/ssh/keys";
import { connectHost } from "../../../providers/ssh/connectHost";
import type { Host } from "../../../providers/ssh/host";

const ROUND_TRIP_MS = 40;

let dir: string;
let guest: LabGuest;
let host: Host;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "infinity-far-"));
  const key = newKey();
  const own = { dir, hostname: "far", user: "evan", keys: [key.public] };
  guest = await startGuest({ ...own, latencyMs: ROUND_TRIP_MS });
  const auth = { kind: "key", text: key.private } as const;
  host = connectHost({ address: "127.0.0.1", port: guest.port, user: "evan", auth }, { firstDelayMs: 1 });
});
afterEach(async () => {
  await host.close();
  await guest.close();
  rmSync(dir, { recursive: true, force: true });
});

const look = (): Promise<unknown> => host.run(["cat", "--", "/etc/os-release"], { sudo: true, reads: true });

test("a command costs its round trips, and what is sent at once costs them once", async () => {
  await look();
  const start = performance.now();
  await look();
  const one = performance.now() - start;
  // The channel is opened, then the command is sent.
  expect(one).toBeGreaterThanOrEqual(2 * ROUND_TRIP_MS - 2);
  const texts = Array.from({ length: 6 }, (_, index) => "x".repeat(100_000 * (index + 1)));
  await Promise.all(texts.map((text, index) => host.writeFile(`/srv/${index}`, text, { sudo: true })));
  for (const [index, text] of texts.entries())
    expect((await host.readFile(`/srv/${index}`, { sudo: true }))?.toString()).toBe(text);
});

test("a cut ends its connections, and the next command opens another", async () => {
  await look();
  guest.faults.add({ match: {}, kind: "cut-after" });
  await look();
  guest.cut();
  await look();
  expect(guest.logins).toBe(3);
});
