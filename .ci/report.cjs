/**
 * Reads jest's JSON report: `node .ci/report.cjs count|skipped FILE`. `count` prints `N passed, N failed`; `skipped` fails
 * where a test was left out that should have run. Reads the report and the test sources.
 */
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");

function readReport(file) {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** The TypeScript source of a compiled test file. */
const sourceOf = (compiled) => path.relative(path.join(root, "bin"), compiled).replace(/\.js$/, ".ts");

/** Passed and failed; a file that did not even load is one failure, and so is a report that is not there. */
function count(report) {
  const failed = report === undefined ? 1 : report.numFailedTests + report.numRuntimeErrorTestSuites;
  console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
  return failed === 0;
}

/**
 * The one accepted reason for leaving a test out: it holds the code against recorded data (tests/support/shared.ts) that
 * is no part of the checkout, and that is not here.
 */
function isExcused(source) {
  const recorded = path.resolve(root, process.env.INFINITY_SHARED ?? "../shared");
  return !fs.existsSync(recorded) && fs.readFileSync(path.join(root, source), "utf8").includes("sharedPath(");
}

function skipped(report) {
  if (report === undefined) {
    console.log("there is no report");
    return false;
  }
  const left = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status !== "passed" && status !== "failed")
      .map(({ fullName, status }) => ({ source: sourceOf(name), fullName, status })),
  );
  const wrong = left.filter(({ source }) => !isExcused(source));
  for (const { source, fullName, status } of wrong) console.log(`${status}: ${source}: ${fullName}`);
  console.log(`${left.length} tests left out, ${wrong.length} of them without an accepted reason`);
  return wrong.length === 0 && report.numPassedTests > 0;
}

const [what, file] = process.argv.slice(2);
const job = { count, skipped }[what];
if (job === undefined) throw new Error("usage: node .ci/report.cjs count|skipped FILE");
process.exitCode = job(readReport(file)) ? 0 : 1;
