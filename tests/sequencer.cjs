/** The order of suites: those that boot guests last, so that an emulated processor takes nothing from the others. */
"use strict";
const path = require("node:path");
const { default: Sequencer } = require("@jest/test-sequencer");

const BOOTS = ["house.test.js", "vpn.test.js"];
const boots = ({ path: file }) => path.basename(path.dirname(file)) === "guests" && BOOTS.includes(path.basename(file));

class GuestsLast extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    return [...sorted.filter((test) => !boots(test)), ...sorted.filter(boots)];
  }
}

module.exports = GuestsLast;
