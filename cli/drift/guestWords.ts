/** What was found inside a VM, in the words of who runs it; a value that nobody may see is in none of them. Pure. */
import { isExecutable } from "../../providers/compose/digest";
import type { InsideKind, Properties } from "../guestKinds";
import type { Finding } from "./report";

/** Name behind the first point: `docker-compose.yml` of `files.docker-compose.yml`. */
const behind = (property: string): string => property.slice(property.indexOf(".") + 1);

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value ?? "none"));

const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

/** A service of Compose's, as one container of it is. */
function ofService(property: string, { live, recorded, wanted }: Finding): string | undefined {
  const [name = "", ...rest] = behind(property).split(".");
  const place = rest[0] === "data" ? rest.slice(1).join(".") : "";
  if (place !== "") return `service ${name}: its ${place} is ${text(live)}, not ${text(wanted ?? recorded)}`;
  switch (rest.join(".")) {
    case "":
      if (live === undefined) return `service ${name}: its container is gone`;
      if (recorded !== undefined || wanted !== undefined) return undefined;
      return `service ${name}: a container that nobody declared: ${text((live as Properties).image)}, ${text((live as Properties).state)}`;
    case "state":
      return `service ${name}: ${live === "completed" ? "stopped (exit code 0)" : text(live)}`;
    case "image":
      return `service ${name}: runs ${text(live)}, not ${text(wanted ?? recorded)}`;
    case "content":
      return `service ${name}: was not made with the files that it mounts now`;
    default:
      return undefined;
  }
}

/** The same bytes, with another mode. */
const isSame = (live: unknown, recorded: unknown): boolean =>
  typeof live === "string" && typeof recorded === "string" && live.slice(0, 64) === recorded.slice(0, 64);

function ofStack(finding: Finding): string | undefined {
  const { property, live, recorded } = finding;
  const [first] = property.split(".");
  if (first === "services") return ofService(property, finding);
  if (first === "files" && isSame(live, recorded))
    return `file was made ${isExecutable(text(live)) ? "one" : "none"} that may be run: ${behind(property)}`;
  if (first === "files") return `${live === undefined ? "file is gone" : "file edited by hand"}: ${behind(property)}`;
  if (first === "env")
    return `${live === undefined ? "variable is gone" : "variable edited by hand"}: ${behind(property)}`;
  if (property === "integrity") return text(live);
  if (property === "envMode") return `.env has mode ${text(live)} instead of ${text(recorded)}`;
  return undefined;
}

/** Type and end of a key, and whose it is: enough to know it again. */
const keyName = (line: string): string => {
  const [type = "", key = "", ...comment] = line.split(" ");
  return `${type} ...${key.slice(-12)}${comment.length > 0 ? ` ${comment.join(" ")}` : ""}`;
};

function ofKeys({ live, recorded }: Finding): string {
  const [has, had] = [list(live), list(recorded)];
  const added = has.filter((key) => !had.includes(key)).map((key) => `key added by hand: ${keyName(key)}`);
  const gone = had.filter((key) => !has.includes(key)).map((key) => `key taken out: ${keyName(key)}`);
  return [...added, ...gone].join("; ");
}

const LET_IN: Readonly<Record<string, string>> = {
  passwords: "passwords",
  rootLogin: "root",
  otherKeys: "keys that stand in no user's file (AuthorizedKeysCommand, TrustedUserCAKeys)",
};

const WORDS: Readonly<Partial<Record<InsideKind, (finding: Finding) => string | undefined>>> = {
  ComposeStack: ofStack,
  Logins: ({ property, live }) =>
    property === "others" ? `user added by hand: ${list(live).join(", ")} may log in` : undefined,
  User: (finding) => {
    if (finding.property === "authorizedKeys") return ofKeys(finding);
    if (finding.property === "keysRead")
      return finding.live === false
        ? "sshd passes over its keys: a key file or a folder above may be written by others"
        : undefined;
    return finding.property === "sudo" ? `its right to sudo: ${text(finding.live)}` : undefined;
  },
  SshServer: ({ property, live }) => {
    if (property === "loaded") return live === false ? "sshd hasn't taken up its files yet" : undefined;
    return `SSH hardening edited: ${LET_IN[property] ?? property} ${live === true ? "may log in" : "may log in no more"}`;
  },
  NfsMount: ({ property, live }) => {
    if (property === "mounted") return live === false ? "share not mounted" : undefined;
    return property === "covered" ? `local files lie below the mount: ${list(live).join(", ")}` : undefined;
  },
  NetworkGuard: ({ property, live }) =>
    property === "inForce" && live === false ? "the rules that hold its network are not in force" : undefined,
  Packages: ({ live, recorded }) => {
    const gone = list(recorded).filter((name) => !list(live).includes(name));
    return gone.length > 0 ? `not installed any more: ${gone.join(", ")}` : undefined;
  },
  File: ({ property }) => (property === "content" ? "edited by hand" : undefined),
  SystemdUnit: ({ property, live }) => {
    if (property === "content") return "its text was edited by hand";
    return property === "active" ? (live === true ? "it runs" : "it doesn't run") : undefined;
  },
};

/** What only the house changed is told as it stands. */
export function inWords(kind: InsideKind, finding: Finding): Finding {
  const says = finding.kind === "edit" ? WORDS[kind]?.(finding) : undefined;
  const next = kind === "Logins" && finding.property === "others" ? "locks it" : finding.next;
  return { ...finding, ...(says === undefined ? {} : { says }), next };
}
