/** The sections of a stack together with those of the stacks that it extends. Pure: files are read by the caller. */
import type { Problem } from "../values/problem";
import { sectionsFromStackFile, type Sections } from "./load";
import { merge } from "./merge";

export interface Extended {
  readonly sections: Sections;
  readonly problems: readonly Problem[];
}

const stackFile = (stack: string): string => `Pulumi.${stack}.yaml`;

/**
 * @param own sections of the stack itself.
 * @param read text of another stack's file by its name (`Pulumi.prod.yaml`); `undefined` where there is none.
 */
export function extendedSections(own: Sections, read: (file: string) => string | undefined): Extended {
  if (own.extends === undefined) return { sections: own, problems: [] };
  const base = chain(own, read, []);
  return { sections: merge(base.sections, own), problems: [...endpointProblems(own), ...base.problems] };
}

/** What a stack inherits: the file that it names, over what that one inherits in turn. */
function chain(of: Sections, read: (file: string) => string | undefined, seen: readonly string[]): Extended {
  // What is no name is the schema's to refuse.
  if (typeof of.extends !== "string") return { sections: {}, problems: [] };
  const file = stackFile(of.extends);
  const problem = (rule: string, fix: string): Extended => ({
    sections: {},
    problems: [{ path: "extends", value: of.extends as string, rule, fix }],
  });
  if (seen.includes(file)) return problem(`goes round in a circle: ${[...seen, file].join(", ")}`, "end it somewhere");
  const text = read(file);
  if (text === undefined) return problem(`there is no ${file}`, "name a stack whose file stands beside this one");
  const { sections, problems } = sectionsFromStackFile(text, file);
  const below = chain(sections, read, [...seen, file]);
  return { sections: merge(below.sections, sections), problems: [...problems, ...below.problems] };
}

/** A refresh sees only this stack's own values: without its endpoint it would ask the extended stack's Proxmox, or none. */
function endpointProblems(own: Sections): Problem[] {
  const hypervisor = own.hypervisor;
  if (typeof hypervisor === "object" && hypervisor !== null && "endpoint" in hypervisor) return [];
  return [
    {
      path: "hypervisor.endpoint",
      rule: "a stack that extends another has to say itself where its Proxmox is: a refresh knows only its own values",
      fix: "set pulumi-nodejs:hypervisor.endpoint in this stack's file",
    },
  ];
}
