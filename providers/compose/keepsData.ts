/**
 * No container is made anew without the data that the former one had: it would start on an empty folder, healthy, and
 * nobody would hear of it. Asks only; what the answers mean is pure.
 */
import { ask, soon, type Answer, type Command } from "../guest/bulk";
import type { Host } from "../ssh/host";
import type { ComposeStackInputs } from "./args";
import type { SeenStack } from "./look";
import { isPath, movedData, placeName, type Moved } from "./mounts";

/** The first file of a place, however deep; empty folders are none. A NAS that is away ends it, and nothing else does. */
const firstFile = (path: string): Command => soon("find", "-H", path, "!", "-type", "d", "-print", "-quit");

const mountpoint = (volume: string): Command =>
  soon("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", volume);

type Holds = "data" | "nothing" | "unknown";

function holds(answer: Answer | undefined): Holds {
  if (answer === undefined) return "unknown";
  if (answer.stdout.trim() !== "") return "data";
  if (answer.exitCode === 0) return "nothing";
  return answer.stderr.includes("No such file or directory") ? "nothing" : "unknown";
}

/** Where each place that is wanted lies on the guest; a volume that isn't there yet, nowhere. */
async function pathsOf(host: Host, moved: readonly Moved[]): Promise<ReadonlyMap<string, string>> {
  const wanted = [...new Set(moved.flatMap((one) => one.wanted))];
  const volumes = wanted.filter((place) => !isPath(place));
  const answers = await ask(host, volumes.map(mountpoint));
  return new Map([
    ...wanted.filter(isPath).map((path) => [path, path] as const),
    ...volumes.flatMap((name, index) => {
      const path = answers[index]?.exitCode === 0 ? answers[index].stdout.trim() : "";
      return path === "" ? [] : [[name, path] as const];
    }),
  ]);
}

/** The setting that leads to the place where the data is, where there can be one. */
function setting({ has }: Moved, wanted: string, { project, env }: ComposeStackInputs): string {
  const [name, value = ""] =
    Object.entries(env)
      .filter(([, path]) => isPath(path) && (wanted === path || wanted.startsWith(`${path}/`)))
      .sort(([, a], [, b]) => b.length - a.length)[0] ?? [];
  const below = wanted.slice(value.length);
  if (name === undefined || has.volume !== undefined || !has.source.endsWith(below)) return "";
  const place = has.source.slice(0, has.source.length - below.length);
  return place === "" ? "" : `set settings.${project}.${name} to ${place}, or `;
}

function told(moved: Moved, stack: ComposeStackInputs, empty: boolean): string {
  const { service, container, has, wanted, at } = moved;
  const is = `${service}: ${has.at} is ${placeName(has)}`;
  const away = `docker rm -f ${container}`;
  if (!at) {
    const move = wanted.length === 0 ? "" : `move what is needed to ${wanted.join(" or ")} first; `;
    return `${is}, and the house mounts nothing there - ${move}if it isn't needed, take the container away: ${away}`;
  }
  const [place = ""] = wanted;
  const which = `${isPath(place) ? place : `volume ${place}`}, which ${empty ? "is empty" : "can't be looked into"}`;
  const back = setting(moved, place, stack);
  return `${is}, the house says ${which} - ${back}move the data there first; to begin without it: ${away}`;
}

/**
 * A place that holds something already is taken: somebody moved the data there.
 * @throws Error with each place whose data would be left behind, and what to do
 */
export async function keepsData(host: Host, stack: ComposeStackInputs, seen: SeenStack): Promise<void> {
  const moved = movedData(seen.containers, stack, seen.good === undefined);
  if (moved.length === 0) return;
  const paths = await pathsOf(host, moved);
  const goals = moved.map(({ wanted }) => wanted.flatMap((place) => paths.get(place) ?? []));
  const asked = [...new Set([...moved.map(({ has }) => has.source), ...goals.flat()])];
  const answers = await ask(host, asked.map(firstFile));
  const found = new Map(asked.map((path, index) => [path, holds(answers[index])] as const));
  const lost = moved.flatMap((one, index) => {
    const there = (goals[index] ?? []).map((path) => found.get(path));
    const kept = found.get(one.has.source) === "nothing" || there.includes("data");
    return kept ? [] : [told(one, stack, !there.includes("unknown"))];
  });
  if (lost.length > 0) throw new Error(`${lost.join("; ")}; nothing was changed (docs/services.md: Bring your data)`);
}
