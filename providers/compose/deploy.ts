/**
 * Brings a release of a stack up, or the former one back. Everything that changes the stack happens in one script under one
 * lock on the guest, so that two deployments never mix, whoever started them; a connection that is cut leaves a deployment
 * that goes on or ends, and the next run waits for it and makes it whole.
 */
import { ask, bounded, patienceMs, runAll, soon, within, type Answer, type Command } from "../guest/bulk";
import type { Host } from "../ssh/host";
import type { ComposeStackInputs } from "./args";
import { BEFORE, FORMER, leftWhereItIs } from "./former";
import { keepsData } from "./keepsData";
import { leakCheck } from "./leaks";
import type { SeenStack } from "./look";
import { owedLink, owedNote, owedNow } from "./owed";
import { reasons, tail } from "./reasons";
import { upload, type Contents } from "./upload";
import { compose, entries, isRelease, LOCK_FILE, releaseFolder, releaseId } from "./release";

/** Longer than another deployment's own wait would be no use: then somebody has to look. */
const LOCK_SECONDS = 120;
const LOCKED = 75;
const PULL_SECONDS = 1800;
/** What Compose may take beside the waiting for what it started: to stop what was there, twice. */
const UP_SECONDS = 600;
/** Releases that stay on the guest beside the current one and the one that was good last. */
const KEPT = 3;

/** Arguments: what it leads to, and the link. One that is right already takes no room on a disk that is full. */
export const LINK = `[ "$(readlink -- "$2")" = "$1" ] ||
  { ln -sfn -- "$1" "$2.infinity-new" && mv -fT -- "$2.infinity-new" "$2"; }`;

const atomicLink = (to: string, path: string): Command => ["sh", "-c", LINK, "sh", to, path];

/** @returns the answers up to the first failure. @throws Error where another deployment holds the stack */
async function locked(host: Host, stack: ComposeStackInputs, commands: readonly Command[]): Promise<Answer[]> {
  const lock = `${stack.directory}/${LOCK_FILE}`;
  const timeoutMs = (LOCK_SECONDS + 240) * 1000 + patienceMs(commands);
  const under = ["flock", "-w", String(LOCK_SECONDS), "-E", String(LOCKED), lock];
  const answers = await runAll(host, commands, { stopAtFailure: true, under, timeoutMs, accept: [0, LOCKED] });
  if (answers.length > 0) return answers;
  throw new Error(
    `another deployment of ${stack.project} has been under way on ${host.name} for more than ${LOCK_SECONDS} s - wait for ` +
      `its end, then run up again; ${lock} is what it holds`,
  );
}

/** The release takes the stack's place, by links that stay what they are from then on. */
function switchTo(stack: ComposeStackInputs, id: string): Command[] {
  const { directory } = stack;
  return [
    atomicLink(`releases/${id}`, `${directory}/current`),
    ...entries(stack).map((entry) => atomicLink(`current/${entry}`, `${directory}/${entry}`)),
  ];
}

const isLink = (path: string): Command => ["test", "-L", path];
const isThere = (path: string): Command => ["test", "-e", path];
const isFolder = (path: string): Command => ["test", "-d", path];

/** @throws Error where a folder stands there: what containers wrote must not move away under them */
async function keptAside(host: Host, stack: ComposeStackInputs, seen: SeenStack): Promise<Command[]> {
  const paths = entries(stack).map((entry) => `${stack.directory}/${entry}`);
  const answers = await ask(host, [...paths.flatMap((path) => [isLink(path), isThere(path), isFolder(path)])]);
  const says = (index: number, question: number): boolean => answers[3 * index + question]?.exitCode === 0;
  const own = paths.filter((_, index) => !says(index, 0) && says(index, 1));
  const data = paths.find((_, index) => !says(index, 0) && says(index, 2));
  if (data !== undefined)
    throw new Error(
      `${data} is a folder on the guest, and the stack has files of its own of that name - what containers write ` +
        `belongs elsewhere: name another folder in the stack, or move this one; nothing was changed`,
    );
  if (own.length === 0) return leftWhereItIs(stack, seen);
  const folder = releaseFolder(stack, BEFORE);
  return [["mkdir", "-p", "--", folder], ...own.map((path): Command => ["mv", "-n", "-t", folder, "--", path])];
}

/** Compose waits for services to run: one that is to run to its end has to be waited for by itself. */
function up(stack: ComposeStackInputs): Command[] {
  const all = compose(stack, stack.directory, "up", "--detach", "--remove-orphans");
  const wait = ["--wait", "--wait-timeout", String(stack.waitSeconds)];
  const [stay, end] = [namesOf(stack, "up"), namesOf(stack, "completed")];
  const patient = (command: Command): Command => within(UP_SECONDS + stack.waitSeconds, command);
  if (end.length === 0) return [patient([...all, ...wait])];
  return [
    patient(all),
    ...(stay.length === 0 ? [] : [patient(compose(stack, stack.directory, "up", "--detach", ...wait, ...stay))]),
    ...end.map((name) => within(stack.waitSeconds, compose(stack, stack.directory, "wait", name))),
  ];
}

const namesOf = ({ services }: ComposeStackInputs, wanted: "up" | "completed"): string[] =>
  Object.keys(services).filter((name) => (services[name]?.state ?? "up") === wanted);

/** What Compose leaves as it is, or waits for in vain: one is made anew only when it is told to. */
const STUCK = ["no network", "old mount", "unhealthy", "restarting", "paused", "dead"];

function stuck({ containers }: SeenStack, { services }: ComposeStackInputs): string[] {
  const names = containers
    .filter(({ state, strays }) => STUCK.includes(state) || strays.length > 0)
    .map(({ service }) => service);
  return [...new Set(names)].filter((name) => name in services).sort();
}

/**
 * Old releases go, the newest stay, and those that a container still has something of mounted: a folder that is removed
 * under it is empty from then on. Docker tells the link that was mounted, and the kernel where it led to. Arguments: the
 * stack's folder, and the release that just came up.
 */
export const PRUNE = `cd "$1/releases" || exit
good=$(readlink -- "$1/good")
ls -1t | grep -xE '[0-9a-f]{16}' | grep -vxF -e "$2" -e "\${good##*/}" | tail -n +${KEPT + 1} | while read -r old; do
  grep -qsF -- "/releases/$old" /proc/[0-9]*/mountinfo || rm -rf -- "$old"
done`;

/** NFS, asked so that a mount on demand is mounted by it. */
const mountProof = (target: string): Command => [
  ...soon("sh", "-c", '[ "$(stat -f -c %T -- "$1/.")" = nfs ]', "sh", target),
];

/** @throws Error where it can't be noted: a run that is killed after the files are right would forget it */
async function noted(host: Host, stack: ComposeStackInputs, owed: readonly string[]): Promise<void> {
  const [answer] = await runAll(host, [atomicLink(owedNote(owed), owedLink(stack))]);
  if (answer?.exitCode !== 0)
    throw new Error(`${owedLink(stack)} can't be written: ${tail(answer)}; nothing was changed`);
}

/**
 * @param seen the stack as it was just before.
 * @param dotenv text of its `.env`.
 * @throws Error with what failed, the last lines of the failing service's log, and which release runs now
 */
export async function deploy(
  host: Host,
  stack: ComposeStackInputs,
  { seen, dotenv, contents }: { readonly seen: SeenStack; readonly dotenv: string; readonly contents: Contents },
): Promise<void> {
  const id = releaseId(stack, dotenv);
  const folder = releaseFolder(stack, id);
  await keepsData(host, stack, seen);
  await host.makeDirectory(stack.directory, { sudo: true, owner: "root:root" });
  const owed = owedNow(seen, stack);
  if (owed.length > 0) await noted(host, stack, owed);
  await upload(host, folder, stack, { contents, dotenv, anew: seen.current !== id });

  const before: Command[] = [
    ...(stack.mounts ?? []).map(mountProof),
    compose(stack, folder, "config", "--quiet"),
    within(PULL_SECONDS, compose(stack, folder, "pull", "--quiet", "--policy", "missing")),
  ];
  const aside = await keptAside(host, stack, seen);
  const change = [...aside, ["sh", "-c", FORMER, "sh", stack.directory] as const, ...switchTo(stack, id)];
  const names = [...new Set([...stuck(seen, stack), ...owed])].sort();
  const anew =
    names.length === 0
      ? []
      : [within(UP_SECONDS, compose(stack, stack.directory, "up", "--detach", "--force-recreate", ...names))];
  const done: Command[] = [
    ...(seen.owed.length + owed.length > 0 ? [["rm", "-f", "--", owedLink(stack)] as const] : []),
    ["sh", "-c", PRUNE, "sh", stack.directory, id],
    atomicLink(`releases/${id}`, `${stack.directory}/good`),
  ];
  const risen = [...before, ...change, ...anew, ...up(stack)];
  const tight = leaks(stack);
  const commands = [...risen, ...tight, ...done];

  const answers = await locked(host, stack, commands);
  const failed = answers.findIndex(({ exitCode }) => exitCode !== 0);
  if (failed < 0) return;
  const answer = answers[failed];
  const command = commands[failed];
  const said = command === undefined ? "" : `${ended(command, answer)}: ${tail(answer)}`;
  if (failed < before.length) throw new Error(refused(stack, failed, said));
  // It is up, whatever is left to be noted of it: the next look finds it unfinished.
  if (failed >= risen.length + tight.length) throw new Error(`release ${id} is up, and not yet noted as good: ${said}`);
  // Not the former one instead: it may leak as well, and nobody would look again.
  if (failed === risen.length && tight.length > 0)
    throw new Error(`release ${id} leaks around its VPN, ${await shut(host, stack, id)}\n  ${tail(answer)}`);
  // A Docker that is too busy to be asked must not keep the former release away.
  const why = await reasons(host, stack, said).catch(() => [said]);
  const former = answers[before.length + aside.length]?.stdout.trim();
  const isSwitched = failed > before.length + aside.length + 1;
  const back = await rollBack(host, stack, former, { id, isSwitched });
  throw new Error([`release ${id} did not come up, ${back}`, ...why].join("\n  "));
}

/** `docker compose: exit code 1` */
function ended(given: Command, answer: Answer | undefined): string {
  const { command, seconds } = bounded(given);
  const called = command.slice(0, 2).join(" ");
  return seconds !== undefined && answer?.exitCode === 124
    ? `${called} was not through after ${seconds} s, and was ended`
    : `${called}: exit code ${answer?.exitCode ?? "?"}`;
}

const leaks = ({ project, vpn }: ComposeStackInputs): Command[] => (vpn === undefined ? [] : [leakCheck(project, vpn)]);

/** Arguments: a link, and where it is to lead; nowhere where that is empty. */
export const LEADS = '[ "$(readlink -- "$1")" = "$2" ]';

/** Whoever waited for the lock may have deployed by now: what stands there is theirs then, and to be left alone. */
const isCurrent = ({ directory }: ComposeStackInputs, release: string): Command => [
  ...(["sh", "-c", LEADS, "sh", `${directory}/current`] as const),
  release === "" ? "" : `releases/${release}`,
];
const OVERTAKEN = "and another deployment has taken its place since";

/**
 * Fails closed: no container of it runs until somebody has seen to it.
 * @param release that leaks; "" is what lies outside of the stack's folder. @returns what became of it, as a clause.
 */
async function shut(host: Host, stack: ComposeStackInputs, release: string): Promise<string> {
  const [there, ...answers] = await locked(host, stack, [
    isCurrent(stack, release),
    within(UP_SECONDS, compose(stack, stack.directory, "stop")),
  ]);
  if (there?.exitCode !== 0) return OVERTAKEN;
  const bad = answers.find(({ exitCode }) => exitCode !== 0);
  return bad === undefined ? "so all of it was stopped" : `and stopping it failed: ${tail(bad)}`;
}

/** Docker without its plugin takes Compose's words for its own: `unknown flag` of 20.10, `unknown command` of later ones. */
const NO_COMPOSE =
  /unknown flag: --project-name|not a docker command|unknown command: docker compose|docker: not found/;
const COMPOSE_PACKAGES =
  "it is docker-compose in Debian 13 and newer, beside docker-cli, the docker command (Debian 12's is Compose 1), docker-compose-v2 in Ubuntu, docker-compose-plugin from Docker itself";

function refused(stack: ComposeStackInputs, index: number, said: string): string {
  const mounts = stack.mounts ?? [];
  if (index < mounts.length)
    return `${mounts[index] ?? ""} is not the NAS: it is not mounted, so nothing was changed - see to the NAS and the mount`;
  if (index === mounts.length && NO_COMPOSE.test(said))
    return `the guest has no Compose 2, so nothing was changed - ${COMPOSE_PACKAGES}: ${said}`;
  return `${index === mounts.length ? "its files don't hold together" : "an image can't be had"}, so nothing was changed: ${said}`;
}

/** @param isSwitched whether the failed release had taken the stack's place. @returns which release runs now, as a clause. */
async function rollBack(
  host: Host,
  stack: ComposeStackInputs,
  former: string | undefined,
  { id, isSwitched }: { readonly id: string; readonly isSwitched: boolean },
): Promise<string> {
  if (former === undefined || former === "" || former === id)
    return "and there is no former one: it stays as it is, to be looked at";
  // The former one's own .env names its compose files; one that was made by hand is found as a person would find it.
  // Compose would take one that ran to its end for one that failed.
  const wait = namesOf(stack, "completed").length > 0 ? [] : ["--wait", "--wait-timeout", String(stack.waitSeconds)];
  const elsewhere = former.startsWith("/");
  const again = within(UP_SECONDS + stack.waitSeconds, [
    ...(["env", "-C", elsewhere ? former : stack.directory] as const),
    ...["docker", "compose", "--project-name", stack.project],
    ...["up", "--detach", "--remove-orphans", ...wait],
  ]);
  const current = `${stack.directory}/current`;
  const link: Command = elsewhere ? ["rm", "-f", "--", current] : atomicLink(`releases/${former}`, current);
  const risen = [...(isSwitched ? [isCurrent(stack, id)] : []), link, again];
  const answers = await locked(host, stack, [...risen, ...leaks(stack)]);
  if (isSwitched && answers[0]?.exitCode !== 0) return OVERTAKEN;
  const bad = answers.find(({ exitCode }) => exitCode !== 0);
  const name = isRelease(former) ? `release ${former}` : "what was there before";
  if (bad !== undefined && answers.length > risen.length)
    return `${name} came back and leaks around its VPN, ${await shut(host, stack, elsewhere ? "" : former)}: ${tail(bad)}`;
  return bad === undefined ? `${name} is back` : `and ${name} did not come up either: ${tail(bad)}`;
}

/**
 * Stops a stack and takes its containers away; its data stays, its named volumes too unless they are to go. By its name, where
 * no compose file is found: its own may be gone by then, and no container could be taken away by them.
 */
export async function takeDown(host: Host, stack: ComposeStackInputs): Promise<void> {
  const down = within(UP_SECONDS, [
    ...(["env", "-C", "/", "docker", "compose", "--project-name", stack.project, "down", "--remove-orphans"] as const),
    ...(stack.deleteVolumes === true ? ["--volumes"] : []),
  ]);
  // Of its lock.
  await host.makeDirectory(stack.directory, { sudo: true, owner: "root:root" });
  const answers = await locked(host, stack, [down]);
  const bad = answers.find(({ exitCode }) => exitCode !== 0);
  if (bad !== undefined) throw new Error(`docker compose down: exit code ${bad.exitCode}: ${tail(bad)}`);
}
