/** What is looked at inside the VMs is what the program declares there: names, kinds and arguments of the seed's house. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { INSIDE_KINDS, type InsideKind } from "../../cli/guestKinds";
import { readStackFile } from "../../cli/readStack";
import { guestParts } from "../../components/guestParts";
import { declareMachines } from "../../components/machines";
import { stackFolders } from "../../components/stackFolders";
import { declareStacks } from "../../components/stacks";
import { Storages } from "../../components/storages";
import { extendedSections } from "../../house/extends";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile } from "../../house/load";
import { stackSecrets } from "../../house/stacks/environment";
import { plannedStacks } from "../../house/stacks/planned";
import { canonical } from "../../providers/canonical";
import { projectRoot } from "../support/shared";

type Inputs = Readonly<Record<string, unknown>>;
type Sections = Inputs;

/** What the engine calls resources inside a VM. */
const INSIDE = /:dynamic\/(guest|compose):/;

const told = (kind: string, name: string, inputs: Inputs) => {
  // The guest follows from another resource; of a secret among the variables the engine wraps all of them.
  const { host, env = {}, __provider, connection, system, ...rest } = inputs;
  const { value = env } = env as { readonly value?: object };
  return [`${kind} ${name}`, canonical({ ...rest, env: value })] as const;
};

const HOUSES = {
  "the seed's house": (sections: Sections): Sections => sections,
  "the seed's house with Docker's own packages": (sections: Sections): Sections => ({
    ...sections,
    guests: { ...(sections.guests as Sections), docker: { packages: "docker" } },
  }),
};

test.each(Object.entries(HOUSES))(
  "each resource inside a VM of %s is a part with the same arguments, and each part is declared",
  async (_, changed) => {
    const declared: (readonly [string, unknown])[] = [];
    const kinds = new Map(Object.entries(INSIDE_KINDS).map(([kind, { type }]) => [type, kind as InsideKind]));
    await pulumi.runtime.setMocks({
      call: ({ inputs }) => inputs as Inputs,
      newResource: ({ type, name, inputs }) => {
        const kind = kinds.get(type);
        if (kind === undefined && INSIDE.test(type)) declared.push([`${type} ${name}, which nobody looks at`, inputs]);
        if (kind !== undefined) declared.push(told(kind, name, inputs as Inputs));
        return { id: name, state: inputs as Inputs };
      },
    });
    const file = "Pulumi.lab.yaml";
    const own = sectionsFromStackFile(readFileSync(join(projectRoot, file), "utf8"), file);
    const described = extendedSections(own.sections, readStackFile);
    const parsed = parseHouse({
      ...described,
      sections: changed(described.sections),
      folders: stackFolders(join(projectRoot, "stacks")),
    });
    if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
    const { house, stacks } = parsed;
    const plan = plannedStacks(house, stacks, stackSecrets(described.sections));
    const machines = declareMachines(house, {
      storages: new Storages(house.hypervisor.node, { house }),
      images: undefined,
      copies: true,
    });
    declareStacks(house, plan.stacks, machines);
    await pulumi.runtime.disconnect();

    const parts = guestParts(house, plan.stacks).map(({ kind, name, inputs }) => told(kind, name, inputs));
    expect(parts.length).toBeGreaterThan(40);
    expect(Object.fromEntries(parts)).toEqual(Object.fromEntries(declared));
  },
);
