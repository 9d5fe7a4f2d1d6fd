/** Houses for the tests: those of the stack files, and a small one to change. Reads the project's files only. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { extendedSections } from "../../house/extends";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile, type Sections } from "../../house/load";
import { merge } from "../../house/merge";
import type { House } from "../../house/schema";
import { formatProblem, type Problem } from "../../values/problem";
import { projectRoot } from "../support/shared";

export const stackText = (stack: string): string => readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8");

export function stackSections(stack: string): Sections {
  const own = sectionsFromStackFile(stackText(stack), `Pulumi.${stack}.yaml`);
  const { sections, problems } = extendedSections(own.sections, (file) =>
    existsSync(join(projectRoot, file)) ? readFileSync(join(projectRoot, file), "utf8") : undefined,
  );
  if (own.problems.length + problems.length > 0)
    throw new Error([...own.problems, ...problems].map(formatProblem).join());
  return sections;
}

export function house(sections: Sections): House {
  const parsed = parseHouse({ sections });
  if ("house" in parsed) return parsed.house;
  throw new Error(parsed.problems.map(formatProblem).join("\n"));
}

export function problems(sections: Sections): readonly Problem[] {
  const parsed = parseHouse({ sections });
  return "house" in parsed ? [] : parsed.problems;
}

/** One VM, no cloud, no NAS: the least that is a house. */
export const SMALL: Sections = {
  hypervisor: { node: "pve", address: "10.0.0.2" },
  vms: {
    web: {
      vmid: 100,
      cpu: { cores: 2 },
      memory: "4GiB",
      disks: { scsi0: { storage: "local-lvm", size: "20GiB" } },
    },
  },
};

/** {@link SMALL} with something else on top. */
export const small = (change: Sections): Sections => merge(SMALL, change);
