/** What a release that doesn't come up gives way to, and how it is known on the guest. Pure. */
import type { Command } from "../guest/bulk";
import type { ComposeStackInputs } from "./args";
import type { SeenStack } from "./look";
import { releaseFolder } from "./release";

/** Files of a stack that was set up by hand, where a link has to stand now: kept as a release of its own. */
export const BEFORE = "before";

/** Arguments: where a project was set up by hand, and the link that tells whoever rolls back. */
export const FOREIGN = `[ -e "$2" ] || [ ! -d "$1" ] || ln -sfn -- "$1" "$2"`;

/** Its containers were made in another folder, which stays as it is. */
export function leftWhereItIs(stack: ComposeStackInputs, { containers, good }: SeenStack): Command[] {
  const folder = containers.map((one) => one.folder).find((one) => one !== undefined && one !== stack.directory);
  if (folder === undefined || good !== undefined) return [];
  return [["sh", "-c", FOREIGN, "sh", folder, releaseFolder(stack, BEFORE)]];
}

/**
 * What a failed release gives way to: the last good one, or what was there before, by its folder where that is another one.
 * Asked under the lock: a deployment that waited for it has to know what the other one left.
 */
export const FORMER = `if at=$(readlink -- "$1/good"); then printf '%s\\n' "\${at##*/}"
elif [ -d "$1/releases/${BEFORE}" ]; then readlink -- "$1/releases/${BEFORE}" || echo ${BEFORE}; fi`;
