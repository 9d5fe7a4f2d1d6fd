/** Whether a container sees the share as its guest has it now: by what the kernel tells of both. */
import { isOnOldMount, sharesBy, usesShare, type Shares } from "../../../providers/compose/oldMount";
import { isNfs, mountinfo } from "../../../providers/guest/mountTable";

const OPTIONS = "rw,vers=4.2,hard";
const ROOT = "900 800 0:60 / / rw,relatime - overlay overlay rw";
const line = (device: string, at: string, source: string, root = "/"): string =>
  `51 50 ${device} ${root} ${at} rw,relatime shared:31 - nfs4 ${source} ${OPTIONS}`;

const HOST = line("0:45", "/mnt/nas", "nas:/x");
const MEDIA = { Type: "bind", Source: "/mnt/nas/media", Destination: "/data/media/" };

function shares(inside: readonly string[], host: readonly string[]): Shares {
  const stdout = inside.map((one) => `/proc/7/mountinfo:${one}\n`).join("");
  return {
    ofGuest: mountinfo(host.join("\n")).filter(isNfs),
    within: sharesBy({ exitCode: 0, stdout, stderr: "" }),
  };
}

test.each<[string, boolean, string[], string[]]>([
  ["the same file system", false, [ROOT, line("0:45", "/data/media", "nas:/x", "/media")], [HOST]],
  ["another one of the same name", true, [ROOT, line("0:44", "/data/media", "nas:/x", "/media")], [HOST]],
  ["another server's", true, [ROOT, line("0:44", "/data/media", "old:/x", "/media")], [HOST]],
  ["the export above it", true, [ROOT, line("0:44", "/data/media", "nas:/", "/media")], [HOST]],
  [
    "an export within the export, mounted by itself",
    false,
    [ROOT, line("0:46", "/data/media", "nas:/x/media")],
    [HOST],
  ],
  [
    "the same, and the guest has it mounted as well",
    false,
    [ROOT, line("0:46", "/data/media", "nas:/x/media")],
    [HOST, line("0:46", "/mnt/nas/media", "nas:/x/media")],
  ],
  [
    "the one of two mounts at one place that lies below",
    true,
    [ROOT, line("0:45", "/data/media", "nas:/x", "/media")],
    [HOST, line("0:47", "/mnt/nas", "nas:/y")],
  ],
  [
    "the guest's own disk: it began before the share was there",
    true,
    [ROOT, "52 50 8:1 /mnt/nas/media /data/media rw - ext4 /dev/sda1 rw"],
    [HOST],
  ],
  ["nothing that can be read", false, [], [HOST]],
  [
    "another share at a place that a link of the image leads to",
    false,
    [ROOT, line("0:45", "/elsewhere", "nas:/x")],
    [HOST],
  ],
  ["anything, while the guest has nothing mounted", false, [ROOT, line("0:44", "/data/media", "nas:/x")], []],
])("a container that sees %s: %s", (_, old, inside, host) => {
  expect(isOnOldMount([MEDIA], 7, shares(inside, host))).toBe(old);
});

test("only what Docker binds from below a share counts", () => {
  const { ofGuest } = shares([], [HOST]);
  expect(usesShare([MEDIA], ofGuest)).toBe(true);
  expect(usesShare([{ ...MEDIA, Type: "volume" }], ofGuest)).toBe(false);
  expect(usesShare([{ ...MEDIA, Source: "/mnt/nas2" }], ofGuest)).toBe(false);
});
