/**
 * Where a guest's apt gets packages from besides Debian or Ubuntu: a `.sources` file and the key that signs it, which apt is
 * given only after its fingerprints were compared. A guest whose apt has the address already, in somebody's own file, is
 * left as it is: apt refuses the same address twice.
 */
import { z } from "zod";
import { installation } from "../apt";
import type { Answer } from "../bulk";
import { onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { fingerprints } from "../openpgp";
import { readText, seenText } from "../seenFile";
import { run, write, type Step } from "../step";

export interface AptSourceSpec extends OnGuest {
  /** `docker`: names its files. Another one is another source. */
  readonly name: string;
  /** `https://download.docker.com/linux/{system}`: `{system}` is debian or ubuntu. In place. */
  readonly uri: string;
  /** `stable`. In place. */
  readonly components: readonly string[];
  /** Fingerprints of the key and of all its subkeys, 40 digits each. In place. */
  readonly fingerprints: readonly string[];
  /** The key's text (`-----BEGIN PGP PUBLIC KEY BLOCK-----`). In place. @default the guest gets it from `keyUri` */
  readonly key?: string;
  /** Where the guest gets the key: https. `{system}` as above. */
  readonly keyUri: string;
  /** Set by `check`, false where apt doesn't have it as it is wanted: no need to give it. */
  readonly listed?: boolean;
  /** Set by `check`, false where apt would trust another key: no need to give it. */
  readonly trusted?: boolean;
}

interface Seen {
  readonly system: string;
  /** `bookworm` */
  readonly codename: string;
  readonly architecture: string;
  readonly keyring?: string;
  readonly source?: string;
  /** Another file in which apt has the address. */
  readonly other?: string;
  readonly certificates: boolean;
}

const https = z.string().regex(/^https:\/\/[^\s/]+\/\S*$/, { error: "an address that begins with https://" });

const schema: z.ZodType<AptSourceSpec> = z.strictObject({
  ...onGuest,
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, { error: "small letters, digits and -" }),
  uri: https,
  components: z.array(z.string().regex(/^[\w./-]+$/)).min(1),
  fingerprints: z.array(z.string().regex(/^[0-9A-F]{40}$/, { error: "40 digits and capital letters" })).min(1),
  key: z.string().optional(),
  keyUri: https,
  listed: z.boolean().optional(),
  trusted: z.boolean().optional(),
});

const LISTS = "/etc/apt/sources.list.d";
const KEYRINGS = "/etc/apt/keyrings";
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

const listOf = (name: string): string => `${LISTS}/${name}.sources`;
const keyringOf = (name: string): string => `${KEYRINGS}/${name}.asc`;

const on = (text: string, { system }: Pick<Seen, "system">): string => text.replaceAll("{system}", system);

const listText = ({ name, uri, components }: AptSourceSpec, seen: Seen): string =>
  [
    "# Written by infinity-node: changes here are undone.",
    "Types: deb",
    `URIs: ${on(uri, seen)}`,
    `Suites: ${seen.codename}`,
    `Components: ${components.join(" ")}`,
    `Architectures: ${seen.architecture}`,
    `Signed-By: ${keyringOf(name)}`,
    "",
  ].join("\n");

/** What is wrong with a key file; `undefined` where it holds the keys that are asked for, and no other. */
function mistrust(text: string, wanted: readonly string[]): string | undefined {
  try {
    const found = fingerprints(text);
    if (JSON.stringify([...found].sort()) === JSON.stringify([...wanted].sort())) return undefined;
    return `its fingerprints are ${found.join(", ")} instead of ${wanted.join(", ")}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Lines with the address that are in force, by file: `/etc/apt/sources.list.d/docker.list:deb [...] https://...`. */
const lookFor = (uri: string) =>
  [
    "grep",
    "-rsE",
    `^[^#]*${uri.replace(/\{system\}.*$/, "").replaceAll(".", "\\.")}`,
    "/etc/apt/sources.list",
    LISTS,
  ] as const;

/** @throws Error where the guest is neither Debian nor Ubuntu */
function systemOf(release: Answer | undefined): Pick<Seen, "system" | "codename"> {
  const values = Object.fromEntries(
    (release?.stdout ?? "").split("\n").map((line) => {
      const [name = "", value = ""] = line.split("=", 2);
      return [name, value.replaceAll('"', "")] as const;
    }),
  );
  const { ID: system = "", VERSION_CODENAME: codename = "", PRETTY_NAME: name = "unknown" } = values;
  if (["debian", "ubuntu"].includes(system) && codename !== "") return { system, codename };
  throw new Error(`the guest is ${name}: such packages are for Debian and Ubuntu - install them there by hand`);
}

function keySteps({ name, key, keyUri, fingerprints: wanted }: AptSourceSpec, seen: Seen): Step[] {
  const keyring = keyringOf(name);
  if (seen.keyring !== undefined && mistrust(seen.keyring, wanted) === undefined) return [];
  const folder = run("mkdir", "-p", KEYRINGS);
  if (key !== undefined) return [folder, write(keyring, key)];
  const next = `${keyring}.infinity-new`;
  const uri = on(keyUri, seen);
  // apt's own way of getting a file: a small Debian has neither curl nor gpg.
  const steps: Step[] = [
    run("/usr/lib/apt/apt-helper", "-q", "download-file", uri, next),
    {
      kind: "judged",
      command: readText(next),
      judge: (text) => {
        const reason = mistrust(text, wanted);
        if (reason !== undefined) throw new Error(`what ${uri} gave is not the key that the house trusts: ${reason}`);
      },
    },
    run("chmod", "0644", next),
    run("mv", "-fT", next, keyring),
  ];
  return [folder, { kind: "guarded", steps, undo: [run("rm", "-f", next)] }];
}

export const aptSourceKind: Kind<AptSourceSpec, Seen> = {
  noun: "package source",
  schema,
  identity: ["name"],
  canonical: (inputs) => ({ ...inputs, listed: true, trusted: true }),
  problems: ({ key, fingerprints: wanted }) => {
    const reason = key === undefined ? undefined : mistrust(key, wanted);
    return reason === undefined
      ? []
      : [{ property: "key", reason: `${reason} - give the whole file, or leave it out` }];
  },
  name: ({ name }) => name,
  look: ({ name, uri }) => [
    ["cat", "--", "/etc/os-release"],
    ["dpkg", "--print-architecture"],
    readText(keyringOf(name)),
    readText(listOf(name)),
    lookFor(uri),
    ["test", "-e", CERTIFICATES],
  ],
  see: ([release, architecture, keyring, source, lines, certificates], { name }) => {
    if (architecture?.exitCode !== 0) throw new Error(`dpkg doesn't answer: ${architecture?.stderr ?? ""}`);
    const files = (lines?.stdout ?? "").split("\n").map((line) => line.split(":", 1)[0] ?? "");
    return {
      ...systemOf(release),
      architecture: architecture.stdout.trim(),
      keyring: seenText(keyringOf(name), keyring),
      source: seenText(listOf(name), source),
      other: files.find((file) => /\.(list|sources)$/.test(file) && file !== listOf(name)),
      certificates: certificates?.exitCode === 0,
    };
  },
  live: (seen, inputs) => {
    const { source, keyring, other } = seen;
    if (other !== undefined && source === undefined) return inputs;
    if (source === undefined && keyring === undefined) return undefined;
    return {
      ...inputs,
      listed: source === listText(inputs, seen) && other === undefined,
      trusted: keyring !== undefined && mistrust(keyring, inputs.fingerprints) === undefined,
    };
  },
  steps: (seen, wanted) => {
    const { source, other, certificates } = seen;
    if (other !== undefined && source === undefined) return [];
    if (other !== undefined)
      throw new Error(`apt has ${wanted.uri} twice, also in ${other}, and refuses that - take one of the two away`);
    const list = source === listText(wanted, seen) ? [] : [write(listOf(wanted.name), listText(wanted, seen))];
    const keys = keySteps(wanted, seen);
    if (keys.length + list.length === 0) return [];
    // The key before the list: apt fails as a whole where it is told of a key that isn't there.
    // Whoever was killed over the certificates left them half installed; where nothing is half, that does nothing.
    return [...(certificates ? [] : installation(["ca-certificates"], true)), ...keys, ...list];
  },
  remove: ({ name }) => [run("rm", "-f", "--", listOf(name), keyringOf(name))],
};

export const lifecycle = guestLifecycle(aptSourceKind);
