/** What befalls the services of a house, on simulated guests. tests/guests/house.test.ts has the same on real ones. */
import { EXPECTED } from "../guests/expected";
import { simulatedHouse, type HouseWorld } from "../guests/houseWorld";
import { playScenario } from "../guests/scenario";

jest.setTimeout(300_000);

let house: HouseWorld;
beforeAll(async () => {
  house = await simulatedHouse();
});
afterAll(() => house.close());

test("the services of two VMs are brought up, broken by hand, found, repaired, updated, and saved from a bad update", async () => {
  expect(await playScenario(house)).toEqual(EXPECTED);
});
