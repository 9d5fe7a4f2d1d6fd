/**
 * What brings containers back that Docker could not start while the NAS was away: it tries each once, when it starts itself,
 * and a restart policy counts only for those that ran since. A service of systemd's, which goes on until the share is there,
 * and a script of root's. Pure.
 */
import { quote } from "../ssh/quote";
import { LOCK_FILE, STACKS_FOLDER } from "./release";

export interface ShareReturn {
  /** Where the guest has the NAS's share: a mount of NFS. */
  readonly share: string;
  /** Compose projects that need it. */
  readonly projects: readonly string[];
  /** Where their folders are. @default /opt/stacks */
  readonly folder?: string;
}

export const RETURN_UNIT = "infinity-node-nas.service";
export const RETURN_SCRIPT = "/usr/local/sbin/infinity-node-nas";

/**
 * Wanted by Docker, and a part of it: whenever Docker starts, it has tried its containers by then, and is asked anew. Not a
 * oneshot: whatever waits for one that is started, a boot or an `up`, would wait for the NAS.
 */
export const returnUnit = (): string =>
  [
    "# Written by infinity-node: changes here are undone.",
    "[Unit]",
    "Description=Containers that Docker could not start while the NAS was away",
    "After=docker.service",
    "PartOf=docker.service",
    // However long the NAS is away, systemd doesn't give up.
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    `ExecStart=${RETURN_SCRIPT}`,
    "Restart=on-failure",
    "RestartSec=30",
    "RemainAfterExit=yes",
    "",
    "[Install]",
    "WantedBy=docker.service",
    "",
  ].join("\n");

/**
 * A line of each container, and one of each path of the guest that it mounts. Docker keeps the error of a start that failed
 * until the next one; of a container that a person stopped it keeps none. Exit codes tell nothing: they are of the run before.
 */
export const FORMAT = [
  'container {{.Id}} {{if and .State.Error (eq .State.Status "exited" "created")',
  ' (not (eq .HostConfig.RestartPolicy.Name "" "no"))}}failed{{else}}-{{end}} {{.HostConfig.NetworkMode}}',
  '{{range .Mounts}}{{if eq .Type "bind"}}{{println}}mounts {{.Source}}{{end}}{{end}}',
].join("");

/** Whoever lives in another one's network needs what that one needs, and comes after it. */
const CHOICE = `
$1 == "container" { id[++count] = $2; failed[count] = $3; network[count] = $4 }
$1 == "mounts" && index(substr($0, 8) "/", ENVIRON["share"] "/") == 1 { needs["container:" id[count]] = 1 }
END {
  for (i = 1; i <= count; i++) {
    if (failed[i] != "failed" || !(("container:" id[i]) in needs || network[i] in needs)) continue
    if (network[i] ~ /^container:/) last = last id[i] "\\n"
    else print id[i]
  }
  printf "%s", last
}`;

/** Longer than Docker takes for some containers, and shorter than a deployment waits for the lock. */
const START_SECONDS = 100;

/** For a POSIX shell, Debian's own programs and Docker's. @param projects of Compose's rules for names. */
export const returnScript = ({ share, projects, folder = STACKS_FOLDER }: ShareReturn): string => `#!/bin/sh
# Written by infinity-node: changes here are undone.
# Starts containers that Docker could not start while the NAS was away, once it is back. Run by ${RETURN_UNIT}.
# Exit code 1: not all of them are started yet, to be run again.
export LC_ALL=C
share=${quote(share)}
export share
folder=${quote(folder)}
format='${FORMAT}'
choice='${CHOICE}'

# Ids of those of a project that Docker was to start, and could not, and that need the share.
failed() {
  ids=$(timeout 20 docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$1" \\
    --filter label=com.docker.compose.oneoff=False) || return
  [ -n "$ids" ] || return 0
  told=$(printf '%s\\n' "$ids" | xargs timeout 20 docker inspect --type container --format "$format") || return
  printf '%s\\n' "$told" | awk "$choice"
}

# Under the lock of its deployments: one that is under way sees to its containers itself.
start() (
  flock -n 9 || { echo "$1: a deployment is under way"; exit 1; }
  ids=$(failed "$1") || exit
  [ -n "$ids" ] || exit 0
  echo "$1: starts what Docker could not start"
  printf '%s\\n' "$ids" | xargs timeout ${START_SECONDS} docker start
) 9>>"$folder/$1/${LOCK_FILE}"

waiting=
for project in ${projects.join(" ")}; do
  # One that was set up elsewhere is not the house's yet.
  [ -d "$folder/$project" ] || continue
  ids=$(failed "$project") || exit 1
  [ -z "$ids" ] || waiting="$waiting $project"
done
[ -n "$waiting" ] || exit 0

# Asked so that a share on demand is mounted by it. Whoever waits for a NAS that is away ends by no milder signal.
if [ "$(timeout -s KILL 20 stat -f -c %T -- "$share/." 2>/dev/null)" != nfs ]; then
  echo "$share is not the NAS yet, and these wait for it:$waiting"
  exit 1
fi
code=0
for project in $waiting; do
  start "$project" || code=1
done
exit "$code"
`;
