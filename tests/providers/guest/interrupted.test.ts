/**
 * Guest resources that something befalls, at each thing that they do: the connection ends, nobody is let in any more, the
 * guest reboots, its disk fills up. At no moment is the way in shut or a file half; the next run ends what was begun. A
 * sample of the moments is tried; with `INFINITY_FULL=1` each in every way.
 */
import { readdirSync } from "node:fs";
import type { Blow } from "../../../lab/guest/moments";
import { freshLogin } from "../../../providers/guest/session";
import { newKey } from "../../../lab/ssh/keys";
import { subjects, type Life, type Subject } from "./subjects";
import { openGuest, type TestGuest } from "./guest";

jest.setTimeout(240_000);

const FULL = process.env.INFINITY_FULL === "1";
const BLOWS: readonly Blow[] = ["cut", "hang up", "gone", "reboot", "full disk"];

type State = "none" | "first" | "second";

interface Way {
  readonly from: State;
  /** What is under way when it befalls. */
  readonly run: (life: Life) => Promise<unknown>;
  /** What the next run does. */
  readonly next: (life: Life) => Promise<unknown>;
  readonly to: State;
}

const make = (life: Life): Promise<unknown> => life.make();
const change = (life: Life): Promise<unknown> => life.change();
const back = (life: Life): Promise<unknown> => life.back();
const remove = (life: Life): Promise<unknown> => life.remove();

const WAYS: Readonly<Record<string, Way>> = {
  "made anew": { from: "none", run: make, next: make, to: "first" },
  changed: { from: "first", run: change, next: change, to: "second" },
  "changed, and the house took it back": { from: "first", run: change, next: back, to: "first" },
  removed: { from: "first", run: remove, next: remove, to: "none" },
};

/** What is left of a file that was being written, or tried beside. */
function strays(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return all.filter((path) => /\.infinity-|\.new$|run\/infinity-node\//.test(path));
}

async function opened(subject: Subject, from: State): Promise<{ guest: TestGuest; life: Life }> {
  const guest = await openGuest();
  await subject.prepare?.(guest);
  const life = subject.on(guest);
  if (from === "first") {
    await life.make();
    await subject.meanwhile?.(guest);
  }
  return { guest, life };
}

/** What was under way when the connection ended goes on to its end. */
async function ended({ operations }: TestGuest): Promise<void> {
  const since = Date.now();
  while (operations.some(({ text, until }) => text.startsWith("sudo") && until === undefined)) {
    if (Date.now() - since > 10_000) throw new Error("a command goes on and on");
    await new Promise((next) => setImmediate(next));
  }
}

/** What holds at every moment, whoever was at work. */
async function expectSafe({ whole }: Subject, guest: TestGuest, { from, to }: Way): Promise<void> {
  await freshLogin(guest.target, { firstDelayMs: 1 });
  expect(await guest.by(["/usr/sbin/sshd", "-t"])).toMatchObject({ exitCode: 0 });
  await whole?.(guest, from !== "none" && to !== "none");
}

/** How many things it does that way. */
async function momentsOf(subject: Subject, { from, run }: Way): Promise<number> {
  const { guest, life } = await opened(subject, from);
  try {
    guest.moments.arm("cut", 0);
    await run(life);
    return guest.moments.seen.length;
  } finally {
    expect(await guest.end()).toEqual([]);
  }
}

async function befallen(subject: Subject, way: Way, blow: Blow, nth: number): Promise<void> {
  const { guest, life } = await opened(subject, way.from);
  guest.moments.arm(blow, nth);
  let what = "";
  try {
    // Some of it needs no room, and what was being put back may be all there was to do.
    const failed = await way.run(life).then(
      () => false,
      () => true,
    );
    what = guest.moments.seen[nth - 1] ?? "";
    guest.moments.clear();
    expect(failed || blow === "full disk").toBe(true);
    await ended(guest);
    await expectSafe(subject, guest, way);
    await way.next(life);
    await expectSafe(subject, guest, way);
    await life.expect(way.to);
    if (way.next === way.run) expect(strays(guest.root)).toEqual([]);
  } catch (error) {
    throw new Error(`${blow} at ${nth}: ${what}\n${(error as Error).message}`, { cause: error });
  } finally {
    expect(await guest.end()).toEqual([]);
  }
}

/** In a short run each resource has every so many of its moments, each others. */
const STRIDE = FULL ? 1 : 29;

describe.each(Object.entries(WAYS))("%s", (_name, way) => {
  const those = subjects.filter(({ removable }) => way.run !== remove || removable === true);

  test.each(those.map((subject, index) => [subject.name, subject, index] as const))("%s", async (_, subject, index) => {
    const total = await momentsOf(subject, way);
    const all = BLOWS.flatMap((blow) => Array.from({ length: total }, (__, at) => [blow, at + 1] as const));
    for (const [at, [blow, nth]] of all.entries())
      if ((at + 5 * index) % STRIDE === 0) await befallen(subject, way, blow, nth);
  });
});

test("keys that don't let us in are refused, and nobody is locked out, not even by a run that is killed over it", async () => {
  const guest = await openGuest();
  const own = subjects.find(({ name }) => name === "who logs in")?.on(guest, [newKey().public]);
  guest.moments.arm("cut", 0);
  await expect(own?.make()).rejects.toThrow(/user evan on emby/);
  for (let nth = guest.moments.seen.length; nth > 0; nth -= 1) {
    guest.moments.arm("gone", nth);
    await expect(own?.make()).rejects.toThrow();
    guest.moments.clear();
    await freshLogin(guest.target, { firstDelayMs: 1 });
  }
  expect(await guest.end()).toEqual([]);
});
