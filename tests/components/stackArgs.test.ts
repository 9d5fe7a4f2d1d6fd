/**
 * Which guests have what brings containers back with the NAS, and for which stacks: those with the share, and with need of
 * it. Which stacks have what gives a VPN's clients their network back: those with a VPN. And what a stack's folder and the
 * house say of its wait and its end.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readStackFile } from "../../cli/readStack";
import { guardArgs, rejoinArgs, returnArgs, stackArgs } from "../../components/stackArgs";
import { stackFolders } from "../../components/stackFolders";
import { knownGuests } from "../../house/guests";
import { extendedSections } from "../../house/extends";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile } from "../../house/load";
import { stackSecrets } from "../../house/stacks/environment";
import { plannedStacks } from "../../house/stacks/planned";
import { formatProblem } from "../../values/problem";
import { projectRoot } from "../support/shared";

type Sections = Readonly<Record<string, unknown>>;

const file = "Pulumi.lab.yaml";
const described = extendedSections(
  sectionsFromStackFile(readFileSync(join(projectRoot, file), "utf8"), file).sections,
  readStackFile,
);
const { guests, tunnel, vms } = described.sections as {
  readonly guests: Sections;
  readonly tunnel: Sections;
  readonly vms: Readonly<Record<string, Sections>>;
};

/** The lab's house. @param changed sections of it */
function planned(changed: Sections = {}) {
  const folders = stackFolders(join(projectRoot, "stacks"));
  const parsed = parseHouse({ ...described, sections: { ...described.sections, ...changed }, folders });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const { house } = parsed;
  return { house, stacks: plannedStacks(house, parsed.stacks, stackSecrets(described.sections)).stacks };
}

/** Guest, share and projects. */
function returning(changed: Sections = {}) {
  const { house, stacks } = planned(changed);
  return Object.entries(returnArgs(house, stacks)).map(([name, { script }]) => {
    const [, share] = /^share=(.*)$/m.exec(script.content) ?? [];
    const [, projects] = /^for project in (.*); do$/m.exec(script.content) ?? [];
    return `${name}: ${share ?? ""}: ${projects ?? ""}`;
  });
}

test("each guest of the seed's house, for its own stacks that mount the library", () => {
  expect(returning()).toEqual([
    "emby: /mnt/nas: emby",
    "downloads: /mnt/nas: vpn",
    "arr: /mnt/nas: lidarr radarr sonarr",
    "misc: /mnt/nas: audiobookshelf navidrome",
  ]);
});

test("none where the house doesn't mount the share, or where no stack needs it", () => {
  // The one that says more of its mount than the others.
  expect(returning({ guests: { ...guests, mount: undefined } })).toEqual(["emby: /mnt/nas: emby"]);
  const emby = { ...vms.emby, services: ["newt", "portainer", "watchtower"] };
  const names = returning({ vms: { ...vms, emby }, tunnel: { ...tunnel, exposed: {} } });
  expect(names.map((line) => line.split(":")[0])).toEqual(["downloads", "arr", "misc"]);
});

test("the stack with the VPN alone has what joins its clients again, of its own name", () => {
  const all = planned().stacks.flatMap((one) => rejoinArgs(one) ?? []);
  expect(all.map(({ script, unit }) => [script.path, unit.name])).toEqual([
    ["/usr/local/sbin/infinity-node-rejoin-vpn", "infinity-node-rejoin-vpn.service"],
  ]);
  expect(all[0]?.script.content).toMatch(/^project=vpn service=vpn folder=\/opt\/stacks\/vpn proc=\/proc$/m);
});

/** What the resource of one is asked. */
function asked(name: string, changed: Sections = {}) {
  const { house, stacks } = planned(changed);
  const one = stacks.find(({ stack }) => stack.name === name);
  const guest = one && knownGuests(house)[one.vm];
  if (!guest) throw new Error(`${name} is not planned`);
  return { one, args: stackArgs(one, guest) };
}

test("a stack is waited for as long as its folder says, or as the provider does", () => {
  expect(asked("immich").args.waitSeconds).toBe(1800);
  expect(asked("newt").args).not.toHaveProperty("waitSeconds");
});

test("a stack may go where the house says so, and what is of no use without it goes with it; no volume does unasked", () => {
  const ends = (more: object) => {
    const services = [{ vpn: more }, "portainer", "watchtower"];
    const { one, args } = asked("vpn", { vms: { ...vms, downloads: { ...vms.downloads, services } } });
    const { script, unit } = rejoinArgs(one) ?? {};
    return [args, guardArgs(one), script, unit].map((of) => {
      const { deletable, deleteVolumes } = of as { readonly deletable?: boolean; readonly deleteVolumes?: boolean };
      return [deletable, deleteVolumes];
    });
  };
  const stays = [undefined, undefined];
  const goes = [true, undefined];
  expect(ends({})).toEqual([stays, stays, stays, stays]);
  expect(ends({ deletable: false })).toEqual([stays, stays, stays, stays]);
  expect(ends({ deletable: true })).toEqual([goes, goes, goes, goes]);
  expect(ends({ deletable: true, deleteVolumes: true })).toEqual([[true, true], goes, goes, goes]);
});
