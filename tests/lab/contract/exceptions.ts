/**
 * Single exchanges that say nothing about the lab for a reason that no rule finds, by file and number. Each reason is
 * one of the closed list; anything else that disagrees is counted as disagreeing. Pure.
 */
import type { LeftOut } from "./outcome";

interface Exception {
  readonly reason: LeftOut;
  readonly why: string;
}

export const exceptions: Readonly<Record<string, Exception>> = {
  ...Object.fromEntries(
    [410, 413, 414].map((seq) => [
      `10-guest-os-agent-rawdisk:${seq}`,
      {
        reason: "made outside the API",
        why: "the recording's guest, made by hand, ignored the power button and ran on",
      },
    ]),
  ),
  ...Object.fromEntries(
    [121, 229].map((seq) => [
      `08-access-permissions:${seq}`,
      { reason: "the recording host's own", why: "it had not collected figures of its guests yet" },
    ]),
  ),
  "07-storage-backupjobs:160": {
    reason: "depends on an endpoint not in use",
    why: "its total counts the tasks of endpoints that are not in use",
  },
  "qemu-transcripts:create failing disk leaves nothing [0]": {
    reason: "the recording host's own",
    why: "storages were a stand-in there, with a text of its own and a file it could not remove",
  },
  "qemu-transcripts:running: replace slot registers unused [0]": {
    reason: "the recording host's own",
    why: "QEMU was a stand-in there: it unplugged a disk of the boot order, which the real server refuses (10-guest-os...)",
  },
};
