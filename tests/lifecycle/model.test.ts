/**
 * Random histories of a house: made, changed, edited by hand, looked at, killed, forgotten, destroyed, in any order. After each
 * `up`, all is as the house says, every volume is somebody's, and nothing is there twice. A short run plays the same histories
 * each time; `INFINITY_FULL=1` plays many new ones. A failure says how to play it again.
 */
import fc from "fast-check";
import { closeBenches, openBench } from "./bench";
import { STEPS } from "./history/commands";
import { newModel } from "./history/model";
import { Program } from "./program";

const FULL = process.env.INFINITY_FULL === "1";
jest.setTimeout(FULL ? 3_600_000 : 120_000);
afterEach(closeBenches);

const { INFINITY_SEED, INFINITY_PATH, INFINITY_REPLAY, INFINITY_RUNS } = process.env;
const seed = INFINITY_SEED === undefined ? (FULL ? Date.now() % 2 ** 31 : 20261123) : Number(INFINITY_SEED);

test("after any history, an up ends with the house as described", async () => {
  const histories = fc.commands(STEPS, { maxCommands: 24, size: "max", replayPath: INFINITY_REPLAY });
  let played = 0;
  const property = fc.asyncProperty(histories, async (steps) => {
    played += 1;
    const bench = await openBench();
    const setup = () => Promise.resolve({ model: newModel(), real: { bench, program: new Program() } });
    await fc.asyncModelRun(setup, steps).finally(() => bench.close());
  });
  const numRuns = Number(INFINITY_RUNS ?? (FULL ? 1000 : 25));
  await fc.assert(property, { seed, path: INFINITY_PATH, numRuns });
  console.log(`${played} histories, seed ${seed}`);
});
