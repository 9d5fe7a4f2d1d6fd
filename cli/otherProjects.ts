/**
 * Compose projects that run on a guest and are no part of the house: somebody ran `docker compose up` there. From the one
 * listing of the guest's containers that its stacks are looked at with. Sends nothing but looks.
 */
import { guestOf } from "../house/guests";
import type { House } from "../house/schema";
import { containers, type Container } from "../providers/compose/containers";
import type { Session } from "../providers/guest/step";

export interface OtherProject {
  readonly name: string;
  /** `blog (2 containers, in /home/evan/blog)` */
  readonly title: string;
}

function projectOf(name: string, own: readonly Container[]): OtherProject {
  const folders = [...new Set(own.flatMap(({ folder }) => folder ?? []))].sort();
  const count = `${own.length} ${own.length === 1 ? "container" : "containers"}`;
  return { name, title: `${name} (${[count, ...folders.map((folder) => `in ${folder}`)].join(", ")})` };
}

/** What a person does about one. */
export const projectWays = (name: string): string =>
  `make it a stack of the house, name it in otherProjects, or take it down on the guest: docker compose -p ${name} down`;

/** @param guest short name of the VM. @param recorded projects that the stack's state has there. */
export async function otherProjects(
  house: House,
  guest: string,
  { host }: Session,
  recorded: readonly string[] = [],
): Promise<OtherProject[]> {
  // A guest without Docker has none; one whose Docker fails says so where its stacks are looked at.
  const all = await containers.get(host).catch((): Container[] => []);
  const known = new Set([
    ...(house.vms[guest]?.services ?? []).map(({ stack }) => stack),
    ...(guestOf(house, guest)?.otherProjects ?? []),
    ...recorded,
  ]);
  const names = [...new Set(all.map(({ project }) => project))].filter((name) => !known.has(name));
  return names.sort().map((name) =>
    projectOf(
      name,
      all.filter(({ project }) => project === name),
    ),
  );
}
