/**
 * Every file by which a user of a guest is let in by a key: those that sshd says it reads (AuthorizedKeysFile), and the two
 * of its default, of which the second is easily forgotten. One command for them all. Pure.
 */
import { keyLines } from "./accounts";
import type { Answer, Command } from "./bulk";
import { connectionOf, type LogIn } from "./sshdAsked";

/**
 * Arguments: the user, and the connection that sshd is asked about. Each path with its place first: `@` sshd reads it, `*`
 * it reads it for everybody, `+` it may. Then mode, owner and group of what is there, and its lines. A user that isn't
 * there yet has the home that useradd will give it.
 */
export const KEY_FILES = `IFS=: read -r _ _ uid _ _ home _ <<END
$(getent passwd "$1")
END
: "\${home:=/home/$1}"
shown() { [ ! -e "$1" ] || stat -L -c '- %a %u %g %n' -- "$1"; }
shown "$home"
shown "$home/.ssh"
set -f
named=$(sshd -T -C "$2" 2>/dev/null | sed -n 's/^authorizedkeysfile //p')
for file in $named + .ssh/authorized_keys .ssh/authorized_keys2; do
  case $file in
    +) place=+; continue ;;
    none) continue ;;
    *%[huU]*|[!/]*) sign=\${place:-@} ;;
    *) sign=* ;;
  esac
  path=$(printf '%s\\n' "$file" | sed "s|%h|$home|g; s|%u|$1|g; s|%U|$uid|g; s|%%|%|g")
  case $path in /*) ;; *) path=$home/$path ;; esac
  printf '%s %s\\n' "$sign" "$path"
  shown "$path"
  [ ! -e "$path" ] || { sed 's/^/= /' <"$path" && echo; }
done`;

export interface KeyFile {
  readonly path: string;
  /** `read`: sshd reads it; `shared`: for every user; `other`: not as it is set now. */
  readonly place: "read" | "shared" | "other";
  /** Its text; `undefined` where it isn't there. */
  readonly text?: string;
}

/** Mode in octal, numbers of owner and group. */
export interface Holder {
  readonly mode: string;
  readonly uid: string;
  readonly gid: string;
}

export interface KeyFiles {
  readonly files: readonly KeyFile[];
  /** Of each file that is there, of the home and of its .ssh, by path. */
  readonly holders: Readonly<Record<string, Holder>>;
}

export const lookAtKeyFiles = (logIn: LogIn): Command => [
  ...(["sh", "-c", KEY_FILES, "sh"] as const),
  ...[logIn.user, connectionOf(logIn)],
];

const PLACES: Readonly<Record<string, KeyFile["place"]>> = { "@": "read", "*": "shared", "+": "other" };

/** @throws Error where they can't be told */
export function seenKeyFiles(answer: Answer | undefined): KeyFiles {
  if (answer?.exitCode !== 0) throw new Error(`the files of keys can't be read: ${answer?.stderr ?? "not asked for"}`);
  const files = new Map<string, { place: KeyFile["place"]; lines?: string[] }>();
  const holders: Record<string, Holder> = {};
  let lines: string[] = [];
  let path = "";
  for (const line of answer.stdout.split("\n")) {
    const [sign, rest] = [line.slice(0, 1), line.slice(2)];
    const place = PLACES[sign];
    if (place !== undefined) {
      path = rest;
      // sshd's own default names the same two, and what it says counts.
      if (!files.has(path)) files.set(path, { place });
    } else if (sign === "-") {
      const [, mode = "", uid = "", gid = "", of = ""] = /^(\d+) (\d+) (\d+) (.*)$/.exec(rest) ?? [];
      holders[of] = { mode, uid, gid };
      const file = files.get(of);
      if (of === path && file !== undefined) file.lines = lines = [];
    } else if (sign === "=") lines.push(rest);
  }
  const texts = [...files].map(([of, file]) => ({
    ...{ path: of, place: file.place },
    text: file.lines?.map((line) => `${line}\n`).join(""),
  }));
  return { files: texts, holders };
}

/** Those that let in: where sshd can't say which it reads, all of them. */
function letsIn({ files }: KeyFiles): readonly KeyFile[] {
  const read = files.filter(({ place }) => place !== "other");
  return read.length > 0 ? read : files;
}

const linesOf = (files: readonly KeyFile[]): string[] => files.flatMap(({ text = "" }) => keyLines(text));

/** Lines that let in, and those that would with sshd's own default: of these the ones alone that the house doesn't want. */
export function linesIn(seen: KeyFiles, wanted: readonly string[]): string[] {
  const more = linesOf(seen.files).filter((line) => !wanted.includes(line));
  return [...new Set([...linesOf(letsIn(seen)), ...more])].sort();
}

/** The file that the house's keys are to be in. */
export function ownFile(seen: KeyFiles): KeyFile {
  const own = letsIn(seen).filter(({ place }) => place !== "shared");
  const found = own.find(({ path }) => path.endsWith("/.ssh/authorized_keys")) ?? own[0];
  if (found === undefined)
    throw new Error(
      "sshd looks for keys in no file of a user's own - set AuthorizedKeysFile to .ssh/authorized_keys in its sshd_config",
    );
  return found;
}
