/**
 * What befalls the services of a house, on simulated guests: the same is done to real ones, and expected of them, in
 * tests/guests/house.test.ts.
 */
import { EXPECTED } from "../guests/expected";
import { simulatedHouse, type HouseWorld } from "../guests/houseWorld";
import { playScenario } from "../guests/scenario";

const MINUTE = 60_000;

let house: HouseWorld;
beforeAll(async () => {
  house = await simulatedHouse();
}, MINUTE);
afterAll(() => house.close(), MINUTE);

test(
  "the services of two VMs are brought up, broken by hand, found, repaired, updated, and saved from a bad update",
  async () => {
    expect(await playScenario(house)).toEqual(EXPECTED);
  },
  5 * MINUTE,
);
