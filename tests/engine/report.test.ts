import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../support/shared";
import { withScratch } from "./support/scratch";

/** A report as jest writes it, in a checkout with two test sources: `recorded` needs data from outside, `plain` doesn't. */
function checkout(folder: string, counts: object, statuses: Readonly<Record<string, string>>): void {
  for (const name of [".ci", "tests"]) mkdirSync(join(folder, "checkout", name), { recursive: true });
  cpSync(join(projectRoot, ".ci/report.cjs"), join(folder, "checkout/.ci/report.cjs"));
  writeFileSync(join(folder, "checkout/tests/recorded.test.ts"), `const path = sharedPath("x");`);
  writeFileSync(join(folder, "checkout/tests/plain.test.ts"), "");
  const testResults = Object.entries(statuses).map(([name, status]) => ({
    name: join(folder, "checkout/bin/tests", `${name}.test.js`),
    assertionResults: [{ fullName: `${name} works`, status }],
  }));
  const none = { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  writeFileSync(join(folder, "checkout/report.json"), JSON.stringify({ ...none, ...counts, testResults }));
}

function report(folder: string, what: string, file = "report.json"): { code: number | null; said: string } {
  const env = { ...process.env, INFINITY_SHARED: join(folder, "shared") };
  const ended = spawnSync(process.execPath, [".ci/report.cjs", what, file], {
    cwd: join(folder, "checkout"),
    encoding: "utf8",
    env,
    timeout: 30_000,
  });
  return { code: ended.status, said: ended.stdout };
}

describe("the last line of a CI run", () => {
  test("counts what passed and failed; a file that did not load is a failure", () =>
    withScratch((folder) => {
      checkout(folder, { numPassedTests: 12 }, {});
      expect(report(folder, "count")).toEqual({ code: 0, said: "12 passed, 0 failed\n" });
      checkout(folder, { numPassedTests: 12, numFailedTests: 2, numRuntimeErrorTestSuites: 1 }, {});
      expect(report(folder, "count")).toEqual({ code: 1, said: "12 passed, 3 failed\n" });
    }));

  test("is a failure where the tests did not get as far as a report", () =>
    withScratch((folder) => {
      checkout(folder, {}, {});
      expect(report(folder, "count", "none.json")).toEqual({ code: 1, said: "0 passed, 1 failed\n" });
      expect(report(folder, "skipped", "none.json").code).toBe(1);
    }));
});

describe("a test that was left out", () => {
  test("is excused only where it needs recorded data that is not here", () =>
    withScratch((folder) => {
      checkout(folder, { numPassedTests: 1 }, { recorded: "pending" });
      expect(report(folder, "skipped").code).toBe(0);
      mkdirSync(join(folder, "shared"));
      const { code, said } = report(folder, "skipped");
      expect(code).toBe(1);
      expect(said).toContain("pending: tests/recorded.test.ts: recorded works\n");
    }));

  test.each(["pending", "todo", "disabled"])("is not excused as %s where it needs nothing", (status) =>
    withScratch((folder) => {
      checkout(folder, { numPassedTests: 1 }, { plain: status });
      expect(report(folder, "skipped").code).toBe(1);
    }),
  );
});
