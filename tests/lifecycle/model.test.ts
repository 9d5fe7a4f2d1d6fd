/**
 * Random histories of a house: made, changed, edited by hand, looked at, killed, forgotten, destroyed, in any order. After each
 * `up`, all is as the house says, every volume is somebody's, and nothing is there twice. A short run plays the same histories
 * each time; `INFINITY_FULL=1` plays many new ones. A failure says how to play it again.
 */
import fc from "fast-check";
import { houseNode } from "../../lab/proxmox/seeds";
import { closeBenches, openBench } from "./bench";
import { begin, STEPS, up } from "./history/commands";
import { EDITS } from "./history/hand";
import { newModel } from "./history/model";
import { Program } from "./program";

const FULL = process.env.INFINITY_FULL === "1";
jest.setTimeout(FULL ? 3_600_000 : 120_000);
afterEach(closeBenches);

const { INFINITY_SEED, INFINITY_PATH, INFINITY_REPLAY, INFINITY_RUNS } = process.env;
const seed = INFINITY_SEED === undefined ? (FULL ? Date.now() % 2 ** 31 : 20261123) : Number(INFINITY_SEED);

test("after any history, an up ends with the house as described", async () => {
  const histories = fc.commands(STEPS, { maxCommands: 20, size: "max", replayPath: INFINITY_REPLAY });
  const taken = new Map<string, number>();
  const beginning = { model: newModel(), program: new Program(), world: houseNode() };
  const first = await openBench();
  await begin(beginning.model, { bench: first, program: beginning.program, taken });
  beginning.world = structuredClone(first.proxmox.world);
  await first.close();
  let played = 0;
  const property = fc.asyncProperty(histories, async (steps) => {
    played += 1;
    const bench = await openBench(beginning.world);
    const real = { bench, program: beginning.program.copy(), taken };
    const model = structuredClone(beginning.model);
    try {
      await fc.asyncModelRun(() => ({ model, real }), steps);
      await up(model, real);
    } finally {
      await bench.close();
    }
  });
  const numRuns = Number(INFINITY_RUNS ?? (FULL ? 1000 : 20));
  await fc.assert(property, { seed, path: INFINITY_PATH, numRuns });
  const counts = [...taken].sort(([a], [b]) => a.localeCompare(b)).map(([kind, times]) => `${times} ${kind}`);
  console.log(`${played} histories, seed ${seed}: ${counts.join(", ")}`);
  const kinds = [
    "up",
    "killed before",
    "killed after",
    "forgotten",
    "destroyed",
    "lost",
    ...EDITS.map((edit) => `by hand: ${edit}`),
  ];
  expect(kinds.filter((kind) => !taken.has(kind))).toEqual([]);
});
