/**
 * The sections of a house as plain data, from what Pulumi hands the program or from the text of a stack file. Pure: who
 * reads the file is the caller's business.
 *
 * `network`, `hypervisor` and `ssh` stand under `pulumi-nodejs`, the engine's own namespace of dynamic providers: it hands a
 * provider process today's values of that namespace, at refresh and destroy too, which don't run the program. Everything
 * else stands under `infinity-node`. In the house they are one object.
 */
import { LineCounter, parseDocument } from "yaml";
import type { Problem } from "../values/problem";

/** By section; values as people wrote them, unchecked. A key of the wrong namespace keeps it: `infinity-node:network`. */
export type Sections = Readonly<Record<string, unknown>>;

const PROVIDER_SECTIONS: ReadonlySet<string> = new Set(["network", "hypervisor", "ssh"]);

/** The key that a section has in a stack file. */
export const configKey = (section: string): string =>
  `${PROVIDER_SECTIONS.has(section) ? "pulumi-nodejs" : "infinity-node"}:${section}`;

/** `undefined` where the key is another namespace's: not the house's business. */
function sectionOf(key: string): string | undefined {
  const [, namespace, section] = /^(infinity-node|pulumi-nodejs):(.+)$/.exec(key) ?? [];
  if (namespace === undefined || section === undefined) return undefined;
  return configKey(section) === `${namespace}:${section}` ? section : `${namespace}:${section}`;
}

function sectionsOf(entries: Iterable<readonly [string, unknown]>): Sections {
  return Object.fromEntries(
    [...entries].flatMap(([key, value]) => {
      const section = sectionOf(key);
      return section === undefined ? [] : [[section, value] as const];
    }),
  );
}

/** Pulumi gives structures as JSON; a text that only looks like one stays a text. */
function fromConfigText(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * @param config every value of the stack's configuration as a string, structures as JSON (`pulumi.runtime.allConfig()`);
 *   secrets stand there in clear.
 */
export function sectionsFromConfig(config: Readonly<Record<string, string>>): Sections {
  return sectionsOf(Object.entries(config).map(([key, text]) => [key, fromConfigText(text)]));
}

/** `{ secure: ... }`: the engine's alone to read. */
function withoutEncrypted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEncrypted);
  if (typeof value !== "object" || value === null) return value;
  if (typeof (value as { secure?: unknown }).secure === "string") return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEncrypted(item)]));
}

/** The configuration as Pulumi would hand it over, without what is encrypted in it. */
export function configFromSections(sections: Sections): Record<string, string> {
  const clear = Object.entries(sections).map(([section, value]) => [section, withoutEncrypted(value)] as const);
  return Object.fromEntries(
    clear.flatMap(([section, value]) =>
      value === undefined
        ? []
        : [[configKey(section), typeof value === "string" ? value : JSON.stringify(value)] as const],
    ),
  );
}

/** A top-level number or boolean is a text in Pulumi's configuration: the same here. */
const topLevel = (value: unknown): unknown =>
  typeof value === "number" || typeof value === "boolean" ? String(value) : value;

/**
 * @param text of a `Pulumi.<stack>.yaml`. Secrets stay as they are there: `{ secure: ... }`.
 * @param file its name, for messages.
 */
export function sectionsFromStackFile(text: string, file: string): { sections: Sections; problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map((error) => ({
    path: `${file}:${lines.linePos(error.pos[0]).line}`,
    rule: `is no YAML: ${error.message}`,
    fix: "correct the line",
  }));
  if (problems.length > 0) return { sections: {}, problems };
  const config = ((document.toJS() ?? {}) as { config?: unknown }).config ?? {};
  if (typeof config !== "object" || Array.isArray(config)) {
    return { sections: {}, problems: [{ path: `${file}: config`, rule: "is no map", fix: "write one key a line" }] };
  }
  const entries = Object.entries(config).map(([key, value]) => [key, topLevel(value)] as const);
  return { sections: sectionsOf(entries), problems: [] };
}
