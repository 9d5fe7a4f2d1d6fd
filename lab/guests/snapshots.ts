/**
 * Guests that have booted once, kept to go on from there: their disks with the state of the machine inside, in the user's
 * cache. One is found again only by what it was made of, to the last argument. Writes the cache.
 */
import { createHash } from "node:crypto";
import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Name of the snapshot inside the disks. */
export const READY = "ready";

/** Half a gigabyte each: the ones used last stay. */
const KEPT = 6;

/** What a machine is made of; paths are only where. */
export interface Makings {
  /** Name of the image in the cache: its recipe's hash. */
  readonly image: string;
  readonly args: readonly string[];
  readonly cloudInit: Readonly<Record<string, string>>;
  /** Bytes by slot. */
  readonly disks: Readonly<Record<string, number>>;
}

export function snapshotKey({ image, args, cloudInit, disks }: Makings): string {
  const what = args.map((arg) => arg.replace(/\/[^,]*\/([^,/]+)/g, "$1"));
  const text = JSON.stringify([image, what, Object.entries(cloudInit).sort(), Object.entries(disks).sort()]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Copies cost nothing where the file system can share the data. */
const copy = (from: string, to: string): Promise<void> => copyFile(from, to, constants.COPYFILE_FICLONE);

export class Snapshots {
  /** @param dir of all snapshots; made where it is missing */
  constructor(private readonly dir: string) {}

  /** Puts the disks of that machine into `folder`. @returns whether there are any */
  async restore(key: string, folder: string): Promise<boolean> {
    const entry = join(this.dir, key);
    if (!existsSync(entry)) return false;
    utimesSync(entry, new Date(), new Date());
    for (const name of readdirSync(entry)) await copy(join(entry, name), join(folder, name));
    return true;
  }

  /** Keeps copies of disks that nobody writes to at the moment. */
  async keep(key: string, files: readonly string[]): Promise<void> {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    const draft = mkdtempSync(join(this.dir, "draft-"));
    try {
      for (const file of files) await copy(file, join(draft, basename(file)));
      const entry = join(this.dir, key);
      // Another run may have kept the same: its disks are as good.
      if (!existsSync(entry)) renameSync(draft, entry);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
    this.forgetOldest();
  }

  private forgetOldest(): void {
    const age = (name: string): number => statSync(join(this.dir, name)).mtimeMs;
    const names = readdirSync(this.dir).sort((a, b) => age(b) - age(a));
    for (const name of names.slice(KEPT)) rmSync(join(this.dir, name), { recursive: true, force: true });
  }
}

/** Beside the images, for all checkouts of a user. */
export const snapshotFolder = (imageDir: string): string => join(dirname(imageDir), "snapshots");
