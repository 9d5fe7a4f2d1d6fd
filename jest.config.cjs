/** Tests run as the program does: compiled ahead by tsc into bin/ (npm run build). One transpiler, nothing transformed twice. */
module.exports = {
  rootDir: __dirname,
  roots: ["<rootDir>/bin/tests"],
  testMatch: ["**/*.test.js"],
  transform: {},
  testSequencer: "<rootDir>/tests/sequencer.cjs",
  coverageProvider: "v8",
  // Suites that start processes take long on a machine that is busy with other suites: that is no failure.
  testTimeout: 30_000,
};
