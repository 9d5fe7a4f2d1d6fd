/** From sections to a house that holds together, or to everything that is wrong with them; and what it is warned of. Pure. */
import type { Problem } from "../values/problem";
import { formatSize } from "../values/size";
import { capacity, vcpus } from "./capacity";
import { addressProblems } from "./checks/addresses";
import { cloneProblems } from "./checks/clones";
import { diskProblems } from "./checks/disks";
import { guestProblems } from "./checks/guests";
import { imageProblems } from "./checks/images";
import { identityProblems } from "./checks/identity";
import { memoryProblems } from "./checks/memory";
import { sectionProblems } from "./checks/sections";
import { serviceProblems } from "./checks/services";
import { tunnelProblems } from "./checks/tunnel";
import { draftOf } from "./draft";
import { problemsFromIssues } from "./issues";
import type { Sections } from "./load";
import { houseSchema, type Draft, type House } from "./schema";
import { shown } from "./secrets";
import { transcodingProblems } from "./transcoding";
import type { StackFolders } from "./stacks/folder";
import { placeStacks, type Placed } from "./stacks/placed";
import { stacksTogetherProblems } from "./stacks/together";

/** `stacks`: those of each VM; none where no folders were given. */
export type ParsedHouse =
  { readonly house: House; readonly stacks: Placed } | { readonly problems: readonly Problem[] };

/**
 * @param sections of the stack, with those that it extends already below them.
 * @param problems found on the way here: they are said together with the house's own.
 * @param folders where its stacks are; without them what runs on the VMs is not looked at.
 */
export function parseHouse({
  sections,
  problems = [],
  folders,
}: {
  sections: Sections;
  problems?: readonly Problem[];
  folders?: StackFolders;
}): ParsedHouse {
  const result = houseSchema.safeParse(sections);
  const draft = result.success ? result.data : draftOf(sections);
  const single = result.success ? [] : problemsFromIssues(sections, result.error.issues);
  const placement = folders && placeStacks(draft, folders);
  const found = [
    ...problems,
    ...single,
    ...together(sections, draft, placement?.stacks),
    ...(placement?.problems ?? []),
  ];
  return result.success && found.length === 0
    ? { house: result.data, stacks: placement?.stacks ?? {} }
    : { problems: found };
}

/** The rules that hold values against one another. */
function together(sections: Sections, draft: Draft, placed?: Placed): Problem[] {
  const names = (section: unknown): string[] | undefined =>
    typeof section === "object" && section !== null ? Object.keys(section) : undefined;
  const declared = names(sections.storages);
  const given = new Set(Object.keys(sections));
  return [
    ...sectionProblems(draft, given),
    ...addressProblems(draft, given),
    ...identityProblems(draft),
    ...serviceProblems(draft),
    ...guestProblems(draft, given),
    ...diskProblems(draft, declared),
    ...cloneProblems(draft),
    ...imageProblems(draft, declared, names(sections.images) ?? []),
    ...memoryProblems(draft),
    ...transcodingProblems(draft),
    ...tunnelProblems(draft, placed),
    ...(placed ? stacksTogetherProblems(draft, placed) : []),
  ].map((problem) => ({ ...problem, value: shown(sections, problem.path.split("."), problem.value) }));
}

/** What a house may do and its owner should know, with the computed figures. */
export function warnings(house: House): string[] {
  const { running, host } = capacity(house);
  const { cpus, memory } = host;
  const over = cpus !== undefined && running.vcpus > cpus;
  const overcommitted = memory !== undefined && running.memory > memory;
  return [
    ...(over ? [`vms: ${running.vcpus} vCPUs of running VMs on ${cpus} of the host: they share them`] : []),
    ...(overcommitted
      ? [
          `vms: running VMs may take ${formatSize(running.memory)} of the host's ${formatSize(memory)} RAM: ` +
            `beyond it, ballooning takes back what is above ${formatSize(running.balloon)}`,
        ]
      : []),
    ...Object.entries(house.vms).flatMap(([name, vm]) => {
      const wanted = vcpus(vm);
      return cpus === undefined || wanted === undefined || wanted <= cpus
        ? []
        : [`vms.${name}.cpu: ${wanted} vCPUs on ${cpus} of the host: Proxmox will not start it`];
    }),
  ];
}
