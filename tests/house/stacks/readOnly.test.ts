/** What a stack writes against what its VM may write to; and Emby's configuration where it was before, as the docs say. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackFolders } from "../../../components/stackFolders";
import { parseHouse } from "../../../house/house";
import type { Sections } from "../../../house/load";
import { merge } from "../../../house/merge";
import { deploymentOf } from "../../../house/stacks/deployment";
import { formatProblem } from "../../../values/problem";
import { projectRoot } from "../../support/shared";
import { small, stackSections } from "../support";
import { edited, folder, folders } from "./support";

const NAS = { address: "10.0.0.3", export: "/volume1/house", library: { media: ["movies"], downloads: [] } };

const web = (mount: object, settings: object = {}): Sections => {
  const guest = { user: "evan", mount };
  return small({
    nas: NAS,
    vms: { web: { address: "10.0.0.20", state: "running", guest, services: ["films"] } },
    settings,
  });
};

const READS = folder({
  "docker-compose.yml": edited(["target: /data/media\n", "target: /data/media\n        read_only: true\n"]),
});

function said(sections: Sections, stack = READS): string[] {
  const result = parseHouse({ sections, folders: folders(stack) });
  return "problems" in result ? result.problems.map(formatProblem) : [];
}

test("a stack that only reads from the NAS may, where its VM only reads from it", () => {
  expect(said(web({ readOnly: true }))).toEqual([]);
});

test.each<[string, Sections, string, ReturnType<typeof folder>]>([
  [
    "the library",
    web({ readOnly: true }),
    "films writes to /mnt/nas/media, which lies below the mount - set it to false, as what the stack only reads is mounted read-only by itself; or keep that on the VM's own disk: settings.films.LIBRARY",
    folder(),
  ],
  [
    "what its settings put there",
    web({ readOnly: true }, { films: { STATE: "/mnt/nas/configs/films" } }),
    "films writes to /mnt/nas/configs/films/config, which lies below the mount - set it to false, as what the stack only reads is mounted read-only by itself; or keep that on the VM's own disk: settings.films.STATE",
    READS,
  ],
])("a stack that writes to %s may not", (_, sections, problem, stack) => {
  expect(said(sections, stack)).toEqual([`vms.web.guest.mount.readOnly: true: ${problem}`]);
  const writable = merge(sections, { vms: { web: { guest: { mount: { readOnly: false } } } } });
  expect(said(writable, stack)).toEqual([]);
  const [, setting = ""] = /settings\.films\.(\w+)$/.exec(problem) ?? [];
  expect(said(merge(sections, { settings: { films: { [setting]: "/srv/films" } } }), stack)).toEqual([]);
});

describe("Emby's configuration on the NAS, where it was before,", () => {
  const text = readFileSync(join(projectRoot, "docs/services.md"), "utf8");
  const [, name = "", place = ""] = /`settings\.emby\.(\w+): (\/mnt\/nas\/\S+)`/.exec(text) ?? [];
  const before = merge(stackSections("prod"), { settings: { emby: { [name]: place } } });
  const brought = stackFolders(join(projectRoot, "stacks"));

  test("is a problem while its VM only reads from the NAS", () => {
    const parsed = parseHouse({ sections: before, folders: brought });
    expect("problems" in parsed ? parsed.problems.map(formatProblem) : []).toEqual([
      expect.stringContaining(
        "vms.emby.guest.mount.readOnly: true: emby writes to /mnt/nas/configs/emby, which lies below",
      ),
    ]);
  });

  test("is the very folder, with what the docs say; and the library is read all the same", () => {
    const sections = merge(before, { vms: { emby: { guest: { mount: { readOnly: false } } } } });
    const parsed = parseHouse({ sections, folders: brought });
    if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
    const emby = parsed.stacks.emby?.find((stack) => stack.name === "emby");
    if (!emby) throw new Error("no emby");
    const found = deploymentOf({ house: parsed.house, vm: "emby", stack: emby }, parsed.stacks, {});
    if ("problems" in found) throw new Error(found.problems.map(formatProblem).join("\n"));
    expect(found.deployment.services.emby?.data).toEqual({
      "/config": "/mnt/nas/configs/emby",
      "/data/media": "/mnt/nas/media",
    });
    expect(emby.services.emby?.mounts).toContainEqual(
      expect.objectContaining({ target: "/data/media", readOnly: true }),
    );
  });
});
