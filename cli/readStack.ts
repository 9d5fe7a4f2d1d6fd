/** The house of a stack as its files have it, without the engine: for commands that only look. Reads stack files. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extendedSections } from "../house/extends";
import { parseHouse } from "../house/house";
import { sectionsFromStackFile, type Sections } from "../house/load";
import type { House } from "../house/schema";
import { formatProblem } from "../values/problem";
import { projectRoot } from "./root";

export interface StackHouse {
  readonly house: House;
  /** As people wrote them, with those that the stack extends below them; secrets stay encrypted. */
  readonly sections: Sections;
}

/** Text of a stack's file, by its name; `undefined` where there is none. */
export function readStackFile(file: string): string | undefined {
  const path = join(projectRoot, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** @throws Error with every problem of the house. */
export function readStack(stack: string): StackHouse {
  const file = `Pulumi.${stack}.yaml`;
  const text = readStackFile(file);
  if (text === undefined)
    throw new Error(`--stack ${stack}: there is no ${file} - describe your house in it first, or see adopt --write`);
  return houseFrom(text, file, readStackFile);
}

/**
 * @param text of the stack file. @param file its name, for messages.
 * @param read text of another stack's file; `undefined` where there is none.
 */
export function houseFrom(text: string, file: string, read: (file: string) => string | undefined): StackHouse {
  const own = sectionsFromStackFile(text, file);
  const { sections, problems } = extendedSections(own.sections, read);
  const parsed = parseHouse({ sections, problems: [...own.problems, ...problems] });
  if ("problems" in parsed)
    throw new Error(`the house has problems:\n${parsed.problems.map(formatProblem).join("\n")}`);
  return { house: parsed.house, sections };
}

/**
 * The environment that the engine would hand to a provider process. Encrypted values are the engine's alone: those
 * credentials have to come from outside (`PROXMOX_VE_API_TOKEN` and the like).
 */
export function providerEnvironment(sections: Sections): NodeJS.ProcessEnv {
  const { apiToken, password, ...hypervisor } = (sections.hypervisor ?? {}) as Record<string, unknown>;
  const plain = Object.entries({ apiToken, password }).filter(([, value]) => typeof value === "string");
  const config = {
    hypervisor: JSON.stringify({ ...hypervisor, ...Object.fromEntries(plain) }),
    ...(sections.network === undefined ? {} : { network: JSON.stringify(sections.network) }),
  };
  return { ...process.env, PULUMI_CONFIG: JSON.stringify(config) };
}
