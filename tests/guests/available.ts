/**
 * Whether this machine can have real guests. Where it can't, their tests are left out and say why; where CI could and
 * doesn't, they fail. Reads the file system only.
 */
import { whyUnavailable } from "../../lab/guests/tools";

/** CI brings in what is missing; somebody's own machine is left as it is. */
export const mayInstall = process.env.CI === "true";

/** `describe`, or one that leaves its tests out after saying why. */
export function describeWithGuests(name: string, tests: () => void): void {
  const reason = whyUnavailable(mayInstall);
  // On Linux CI has no excuse: there the tests run, and fail with the same reason.
  if (reason === undefined || (mayInstall && process.platform === "linux")) {
    describe(name, tests);
    return;
  }
  console.log(`left out: ${name}: ${reason}`);
  describe.skip(name, tests);
}
