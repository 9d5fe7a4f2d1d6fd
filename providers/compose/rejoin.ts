/**
 * What gives a VPN's clients their network back when its container starts anew: Docker leaves them in the network of before,
 * that leads nowhere, and doesn't try those again that were to start before it. A service of systemd's that listens to
 * Docker, and a script of root's, that runs the leak check each time. Pure.
 */
import { tableOf } from "../guest/guardRules";
import { quote } from "../ssh/quote";
import { sha256 } from "./digest";
import { LEAK_SCRIPT, type Vpn } from "./leaks";
import { LOCK_FILE, STACKS_FOLDER } from "./release";

export interface Rejoin extends Vpn {
  /** Compose project: the VPN's container, and its clients. */
  readonly project: string;
  /** The stack's. @default /opt/stacks/PROJECT */
  readonly folder?: string;
  /** Where the kernel tells of processes. @default /proc */
  readonly proc?: string;
}

export const rejoinUnitName = (project: string): string => `infinity-node-rejoin-${project}.service`;
export const rejoinPath = (project: string): string => `/usr/local/sbin/infinity-node-rejoin-${project}`;

/**
 * Wanted by Docker, and a part of it: whenever Docker starts, it has tried its containers by then, and is asked anew.
 * @param script its text: the unit changes with it, and what changes is started anew.
 */
export const rejoinUnit = (project: string, script: string): string =>
  [
    "# Written by infinity-node: changes here are undone.",
    `# Its script: ${sha256(script)}`,
    "[Unit]",
    `Description=Network of the VPN's clients in ${project}`,
    "After=docker.service",
    "PartOf=docker.service",
    // However long Docker doesn't answer, systemd doesn't give up.
    "StartLimitIntervalSec=0",
    "",
    "[Service]",
    `ExecStart=${rejoinPath(project)}`,
    "Restart=always",
    "RestartSec=10",
    "",
    "[Install]",
    "WantedBy=docker.service",
    "",
  ].join("\n");

/**
 * A line of each container. Docker keeps the error of a start that failed until the next one; of a container that a person
 * stopped it keeps none. Not every container has a health check, and `inspect` calls what isn't there an error.
 */
const FORMAT = [
  '{{.Id}} {{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{.State.Pid}} {{.State.StartedAt}}',
  '{{with index .State "Health"}}{{.Status}}{{else}}none{{end}} {{or .HostConfig.RestartPolicy.Name "no"}}',
  "{{.HostConfig.NetworkMode}} {{if .State.Error}}failed{{end}}",
].join(" ");

/** Longer than Docker takes for some containers, and shorter than a deployment waits for the lock. */
const DOCKER_SECONDS = 100;
/** For a tunnel to stand after its container is healthy: no deployment waits for this one. */
const PATIENCE = 60;
/** Between one try and the next, where Docker doesn't answer. */
const PAUSE_SECONDS = 30;

/** For a POSIX shell, Debian's own programs and Docker's. */
export const rejoinScript = ({
  project,
  service,
  bridge,
  folder = `${STACKS_FOLDER}/${project}`,
  proc = "/proc",
}: Rejoin): string => `#!/bin/sh
# Written by infinity-node: changes here are undone.
# Gives the containers in a VPN's network that network again when the VPN's container starts anew, and looks whether anything
# gets around it. Run by ${rejoinUnitName(project)}.
export LC_ALL=C
project=${quote(project)} service=${quote(service)} folder=${quote(folder)} proc=${quote(proc)}
format='${FORMAT}'
checked=

# The check that a deployment ends with.
leaks() (
set -- "$project" "$service" ${quote(bridge)} ${quote(tableOf(project))} ${PATIENCE} "$proc"
${LEAK_SCRIPT}
)

space() { stat -L -c %i "$proc/$1/ns/net" 2>/dev/null; }

# The project's containers, a line each, and of them the one with the tunnel: empty where it doesn't run, or where nobody
# knows yet whether it will; of that Docker tells once it does. One that isn't healthy has its clients all the same: their
# web interfaces are for the LAN, and the guard lets nothing else out.
look() {
  ids=$(timeout 20 docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter label=com.docker.compose.oneoff=False) || return
  list= owner=
  [ -n "$ids" ] || return 0
  list=$(printf '%s\\n' "$ids" | xargs timeout 20 docker inspect --type container --format "$format") || return
  while read -r id name status pid started health _; do
    [ "$name $status" = "$service running" ] && [ "$health" != starting ] || continue
    owners=$(space "$pid") || return
    owner=$id run="$id $started" well=$health
  done <<LIST
$list
LIST
}

# Of its clients those that run in another network, and those that Docker was to start and could not. One that a person
# stopped or paused stays so.
rejoin() {
  look || return
  [ -n "$owner" ] || return 0
  again= anew=
  while read -r id name status pid _ _ policy mode error; do
    case $mode in container:*) target=\${mode#container:} ;; *) continue ;; esac
    case $status in
      running) [ "$target" != "$owner" ] || { space=$(space "$pid") && [ "$space" != "$owners" ]; } || continue ;;
      exited|created) [ "$error" = failed ] && [ "$policy" != no ] || continue ;;
      *) continue ;;
    esac
    if [ "$target" = "$owner" ]; then
      again="$again $id"
    else
      # Of one that is gone. Who shares the network of a third one is not the VPN's client.
      case " $(echo $ids) " in *" $target "*) ;; *) anew="$anew $name" ;; esac
    fi
  done <<LIST
$list
LIST
  # What doesn't start now is told by the next look of the house's, or comes with what it lacks: there is no second try.
  [ -z "$again" ] || { echo "joins them again:$again"; timeout ${DOCKER_SECONDS} docker restart $again; }
  [ -z "$anew" ] || {
    echo "makes them anew, as their network's container was made anew:$anew"
    (cd "$folder" && timeout ${DOCKER_SECONDS} docker compose --project-name "$project" up --detach --no-deps --force-recreate $anew)
  }
  return 0
}

# Once for each start of the VPN's container, when its tunnel is to stand. Where something leaks, nothing of it goes on.
check() {
  look || return
  [ -n "$owner" ] && [ "$well" != unhealthy ] && [ "$run" != "$checked" ] || return 0
  looked=$run
  if leaks; then checked=$looked; return; fi
  # What was found of a container that has gone meanwhile says nothing of the one that comes, of which Docker tells; nor does
  # what was found while its tunnel went down: the guard holds it then, and it is looked at again once it is well.
  look || return
  [ -n "$owner" ] && [ "$run" = "$looked" ] && [ "$well" != unhealthy ] || return 0
  echo "something gets around its VPN, so all of it is stopped"
  timeout ${DOCKER_SECONDS} docker stop $ids
}

# Under the lock of its deployments, one after the other: who waits for it, waits for one of them.
locked() {
  [ -d "$folder" ] || return 0
  { flock 9 && "$1"; } 9>>"$folder/${LOCK_FILE}"
}

turn() { until locked rejoin && locked check; do sleep ${PAUSE_SECONDS}; done; }

since=$(date +%s)
{
  echo start
  exec docker events --since "$since" --filter type=container --filter event=start --filter event=health_status --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$service" --format '{{.ID}}'
} | while read -r _; do turn </dev/null; done
`;
