/** Tests run as the program does: compiled ahead by tsc into bin/ (npm run build). One transpiler, nothing transformed twice. */
module.exports = {
  rootDir: __dirname,
  roots: ["<rootDir>/bin/tests"],
  testMatch: ["**/*.test.js"],
  transform: {},
  coverageProvider: "v8",
};
