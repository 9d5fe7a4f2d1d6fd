/** Tests run as the program does: compiled ahead by tsc into bin/ (npm run build). One transpiler, nothing transformed twice. */

/** Suites that run scripts of guests, which are Debian: another system's sed, stat and flock are others. */
const ofGuests = process.platform === "linux" ? [] : ["\\.linux\\.test\\.js$"];
if (ofGuests.length > 0)
  console.log("left out: *.linux.test.ts: they run scripts of guests by the programs of a Linux");

module.exports = {
  rootDir: __dirname,
  roots: ["<rootDir>/bin/tests"],
  testMatch: ["**/*.test.js"],
  testPathIgnorePatterns: ["/node_modules/", ...ofGuests],
  transform: {},
  testSequencer: "<rootDir>/tests/sequencer.cjs",
  coverageProvider: "v8",
  // Suites that start processes take long on a machine that is busy with other suites: that is no failure.
  testTimeout: 30_000,
};
