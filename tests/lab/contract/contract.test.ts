/** The lab's Proxmox answers as the real one did: every recording replayed, agreement counted, printed and pinned. */
import { sharedPath } from "../../support/shared";
import { type Outcome, tally, tallyLine } from "./outcome";
import { pins } from "./pins";
import { suites } from "./suites";

const folder = sharedPath("pve");
if (folder === undefined) console.log("skipped: the recordings (pve/) are not beside the checkout");

/** Of what is stable and in use; what is left out is left out for one of a closed list of reasons. */
const share = 0.95;

(folder === undefined ? describe.skip : describe)("held against the recordings", () => {
  const all: Outcome[] = [];
  const lines: string[] = [];

  for (const suite of suites) {
    test(`${suite.names.join(", ")}: no less agrees than before`, async () => {
      const outcomes = await suite.run(folder ?? "");
      for (const [i, name] of suite.names.entries()) {
        const counted = tally(outcomes[i] ?? []);
        const pin = pins[name] ?? 0;
        lines.push(tallyLine(name, counted) + (counted.agree > pin ? ` - raise its pin from ${pin} in pins.ts` : ""));
        all.push(...(outcomes[i] ?? []));
        expect({ name, agree: counted.agree }).toEqual({ name, agree: Math.max(counted.agree, pin) });
      }
    }, 20_000);
  }

  test(`at least ${100 * share} % of what the lab is held to agrees`, () => {
    const stable = tally(all.filter((outcome) => outcome.isStable));
    console.log([...lines, tallyLine("stable exchanges", stable), tallyLine("all", tally(all))].join("\n"));
    for (const { agree, disagree } of [stable, tally(all)]) {
      expect(agree + disagree).toBeGreaterThan(0);
      expect(agree / (agree + disagree)).toBeGreaterThanOrEqual(share);
    }
  });
});
