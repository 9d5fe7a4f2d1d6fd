/** From the key files that are there to the house's keys, and so that nobody locks themselves out. Pure. */
import { keyLines } from "./accounts";
import { linesIn, ownFile, type Holder, type KeyFile, type KeyFiles } from "./keyFiles";
import { run, type Step } from "./step";

export interface KeysWanted {
  readonly name: string;
  readonly home: string;
  /** Number of the user; `undefined` where it isn't there yet. */
  readonly uid?: number;
  readonly keys: readonly string[];
  /** Whether it is who logs in here. */
  readonly ourselves: boolean;
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

const OTHERS_WRITE = 0o022;

/** As sshd has it (StrictModes), which opens the file as the user: nobody else writes it, and the user gets at it. */
function isRead({ mode, uid }: Holder, user: number, need: number): boolean {
  const bits = Number.parseInt(mode, 8);
  if ((bits & OTHERS_WRITE) !== 0) return false;
  return Number(uid) === user ? (bits & need & 0o700) !== 0 : uid === "0" && (bits & need & 0o077) !== 0;
}

/** Files and folders, among those that lead to keys that are there, that make sshd pass over them. */
function passedOver({ files, holders }: KeyFiles, { home, uid }: Pick<KeysWanted, "home" | "uid">): string[] {
  if (uid === undefined) return [];
  const used = files.filter(({ place, text }) => place === "read" && text !== undefined).map(({ path }) => path);
  const isPassed = (path: string, need: number): boolean => {
    const holder = holders[path];
    return holder !== undefined && !isRead(holder, uid, need);
  };
  const folders = [home, `${home}/.ssh`].filter((path) => isPassed(path, 0o111));
  return [...folders, ...used.filter((path) => isPassed(path, 0o444))];
}

/** Whether sshd reads the keys that are there. */
export const areRead = (seen: KeyFiles, of: Pick<KeysWanted, "home" | "uid">): boolean =>
  passedOver(seen, of).length === 0;

/** @throws Error where it is not ours to put right */
function madeOwn(seen: KeyFiles, wanted: KeysWanted): Step[] {
  const { name, home, uid } = wanted;
  return passedOver(seen, wanted).flatMap((path): Step[] => {
    const { mode, uid: owner } = seen.holders[path] ?? { mode: "0", uid: "?" };
    if (path !== home)
      return [run("chown", `${name}:`, path), run("chmod", path.endsWith("/.ssh") ? "700" : "600", path)];
    const bits = Number.parseInt(mode, 8);
    if (![String(uid), "0"].includes(owner) || (bits & OTHERS_WRITE) === 0)
      throw new Error(
        `${home} is number ${owner}'s with mode ${mode}, and sshd takes no keys of ${name} from there - on the guest: ` +
          `chown ${name}: ${home} && chmod 755 ${home}`,
      );
    return [run("chmod", (bits & ~OTHERS_WRITE).toString(8), path)];
  });
}

/** Keys in a file that is everybody's are nobody's to take out for one user. @throws Error where there are some */
function refuseShared({ files }: KeyFiles, keys: readonly string[]): void {
  for (const { path, place, text = "" } of files)
    if (place === "shared" && keyLines(text).some((line) => !keys.includes(line)))
      throw new Error(
        `${path}: sshd lets every user in by its keys (AuthorizedKeysFile), and not all of them are the house's - take ` +
          `them out there, or it out of sshd_config`,
      );
}

/** @throws Error where it must not be done */
export function keySteps(seen: KeyFiles, wanted: KeysWanted): Step[] {
  const { name, home, keys, ourselves } = wanted;
  const now = linesIn(seen, keys);
  if (sameLines(now, keys)) return madeOwn(seen, wanted);
  refuseShared(seen, keys);
  const own = ownFile(seen);
  const others = seen.files.filter(
    ({ path, place, text = "" }) => path !== own.path && place !== "shared" && keyLines(text).length > 0,
  );
  // The colon: a user's own group, whatever it is called.
  const file: Step = {
    ...{ kind: "write", path: own.path, mode: "0600", owner: `${name}:` },
    content: keys.map((line) => `${line}\n`).join(""),
  };
  const folder: Step[] = own.path.startsWith(`${home}/.ssh/`)
    ? [{ kind: "directory", path: `${home}/.ssh`, mode: "0700", owner: `${name}:` }]
    : [];
  // Ours first: whoever is killed in between is let in by it.
  const steps = [file, ...others.map(({ path }) => run("rm", "-f", path))];
  const before = [...madeOwn(seen, wanted), ...folder];
  if (!ourselves) return [...before, ...steps];
  // Our own way in: it is left as it was where we wouldn't get in again.
  const admits: Step = { kind: "admits", now, next: keys };
  const undo = [own, ...others].map((each) => putBack(each, seen, name));
  return [admits, ...before, { kind: "guarded", steps: [...steps, { kind: "login" }], undo }];
}

function putBack({ path, text }: KeyFile, { holders }: KeyFiles, name: string): Step {
  if (text === undefined) return run("rm", "-f", path);
  const { mode = "600", uid, gid } = holders[path] ?? {};
  const owner = uid === undefined ? `${name}:` : `${uid}:${gid ?? ""}`;
  return { kind: "write", path, content: text, mode: mode.padStart(4, "0"), owner };
}
