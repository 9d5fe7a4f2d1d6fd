/**
 * What befalls the services of a house, on simulated guests and, in a run of everything, on real ones: two VMs and a NAS that
 * boot, where all is real but for the node and what is in the images. The same is done to both, and expected of both.
 */
import { describeWithGuests } from "../guests/available";
import { EXPECTED } from "../guests/expected";
import { simulatedHouse, type HouseWorld } from "../guests/houseWorld";
import { realHouse } from "../guests/realHouse";
import { playScenario } from "../guests/scenario";

const MINUTE = 60_000;
/** With the building of the image, where there is none yet. */
const PREPARED_MS = 15 * MINUTE;

function plays(open: () => Promise<HouseWorld>, withinMs: number): void {
  let house: HouseWorld;
  beforeAll(async () => {
    house = await open();
  }, PREPARED_MS);
  afterAll(() => house.close(), MINUTE);

  test(
    "the services of two VMs are brought up, broken by hand, found, repaired, updated, and saved from a bad update",
    async () => {
      expect(await playScenario(house)).toEqual(EXPECTED);
    },
    withinMs,
  );
}

describe("on simulated guests", () => {
  plays(simulatedHouse, 5 * MINUTE);
});

// Three machines on emulated processors.
if (process.env.INFINITY_FULL === "1")
  describeWithGuests("on real guests", () => {
    plays(() => realHouse(console.log), 40 * MINUTE);
  });
