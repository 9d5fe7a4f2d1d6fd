/** Debian packages that a guest has. Never removes one, never upgrades one: that is unattended-upgrades' work. */
import { z } from "zod";
import { installation } from "../apt";
import { onGuest, type OnGuest } from "../guest";
import type { Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";

export interface PackagesSpec extends OnGuest {
  /** What they are for; makes them one resource: `base`, `docker`. */
  readonly set: string;
  /** Names of packages. In place: one that is taken out stays installed. */
  readonly names: readonly string[];
}

interface Seen {
  readonly installed: readonly string[];
  /** Some package was left half installed by whoever was killed over it. */
  readonly broken: boolean;
}

const schema: z.ZodType<PackagesSpec> = z.strictObject({
  ...onGuest,
  set: z.string().min(1),
  // Debian policy 5.6.1.
  names: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, { error: "the name of a Debian package" }))
    .min(1, { error: "one package at least - or leave it out" }),
});

const STATUS: Command = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev}\\t${Package}\\t${Provides}\\n"];

/** `ii ` is installed; `iU`, `iF` and their like are what a killed dpkg leaves. */
function statuses(stdout: string): readonly (readonly [status: string, names: readonly string[]])[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [status = "", name = "", provides = ""] = line.split("\t");
      const provided = provides.split(",").map((text) => text.trim().split(" ")[0] ?? "");
      return [status, [name, ...provided.filter((text) => text !== "")]];
    });
}

/** Docker's own packages and Debian's take each other's place: which, as both sides declare it in their Conflicts. */
const DEBIANS = ["containerd", "docker.io", "docker-cli", "docker-compose", "runc"];
const DOCKERS = ["containerd.io", "docker-ce", "docker-ce-cli", "docker-compose-plugin"];

function rivalsOf(missing: readonly string[]): readonly string[] {
  const some = (names: readonly string[]): boolean => missing.some((name) => names.includes(name));
  return [...(some(["containerd.io", "docker-ce"]) ? DEBIANS : []), ...(some(["docker.io"]) ? DOCKERS : [])];
}

export const packagesKind: Kind<PackagesSpec, Seen> = {
  noun: "packages",
  schema,
  identity: ["set"],
  canonical: (inputs) => ({ ...inputs, names: [...new Set(inputs.names)].sort() }),
  name: ({ set }) => set,
  // All of them, without names: several sets on a guest are one look, and a missing one is no failure.
  look: () => [STATUS],
  see: ([answer]) => {
    if (answer?.exitCode !== 0) throw new Error(`dpkg-query doesn't answer: ${answer?.stderr ?? ""} - is it Debian?`);
    const all = statuses(answer.stdout);
    return {
      installed: all.filter(([status]) => /^.i\s*$/.test(status)).flatMap(([, names]) => names),
      broken: all.some(([status]) => /^i[UFHWt]/.test(status)),
    };
  },
  live: ({ installed }, inputs) => {
    const have = new Set(installed);
    return { ...inputs, names: inputs.names.filter((name) => have.has(name)) };
  },
  steps: ({ installed, broken }, { names }) => {
    const missing = names.filter((name) => !installed.includes(name));
    const rivals = rivalsOf(missing).filter((name) => installed.includes(name));
    if (rivals.length > 0)
      throw new Error(
        `${rivals.join(", ")} would have to go for ${missing.join(", ")}, and no package is removed here: containers would ` +
          `stop with it - take it off on the guest (apt-get remove ${rivals.join(" ")}; images and volumes stay), or name it`,
      );
    return missing.length === 0 ? [] : installation(missing, broken);
  },
};

export const lifecycle = guestLifecycle(packagesKind);
