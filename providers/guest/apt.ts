/**
 * apt on a guest, asked by nobody's terminal: it waits for another apt (unattended-upgrades), keeps files that somebody
 * edited, restarts no service on its own and removes no package. Pure.
 */
import type { Command } from "./bulk";
import type { Step } from "./step";

/** Seconds: an upgrade of a whole system on a small machine. */
const WAIT = 600;

/**
 * apt itself waits for dpkg's lock only, not for those of its lists and archives. Arguments: seconds, and a command; its
 * words are shown where it failed, or where its time is over.
 */
export const WAITING = `end=$(($(date +%s) + $1)); shift
while :; do
  said=$(LC_ALL=C "$@" 2>&1 </dev/null) && exit 0
  code=$?
  case "$said" in
    *"ould not get lock"*|*"nable to lock"*|*"frontend lock was locked"*|*"dpkg frontend lock"*) [ "$(date +%s)" -lt "$end" ] || break ;;
    *) break ;;
  esac
  sleep 1
done
printf '%s\\n' "$said" >&2
exit $code`;

const SILENT = ["DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_MODE=l", "APT_LISTCHANGES_FRONTEND=none"];

const waiting = (...command: Command): Step => ({
  kind: "run",
  command: ["sh", "-c", WAITING, "apt", String(WAIT), "env", ...SILENT, ...command],
  timeoutMs: (WAIT + 900) * 1000,
});

const apt = (...args: string[]): Step =>
  waiting("apt-get", "-q", "-y", "-o", `DPkg::Lock::Timeout=${WAIT}`, "-o", "Dpkg::Options::=--force-confold", ...args);

/** @param broken some package was left half installed by whoever was killed over it. */
export const installation = (names: readonly string[], broken: boolean): Step[] => [
  ...(broken ? [waiting("dpkg", "--force-confold", "--configure", "-a")] : []),
  apt("update"),
  apt("install", "--no-install-recommends", "--no-remove", "--", ...names),
];
