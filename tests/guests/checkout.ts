/** A checkout whose stacks a test may edit: everything else in it is this one's, by links. Lies in a temporary folder. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { projectRoot } from "../support/shared";

export interface Checkout {
  readonly root: string;
  /** Puts something behind the version of a stack's image, as an update does: `-next`. Nothing: as it is tracked. */
  version(stack: string, suffix: string): void;
  /** The first image of a stack, as it is tracked. */
  imageOf(stack: string): string;
  close(): void;
}

/** Of the first image of a stack: none here has more. */
const IMAGE = /^ +image: (\S+)$/m;

/** Stacks whose service has a named volume, too: no tracked stack has one. */
const WITH_VOLUME = ["flaresolverr", "watchtower"];

/** Docker's name of the volume of such a stack. */
export const volumeOf = (stack: string): string => `${stack}_kept`;

function withVolume(stack: string, text: string): string {
  if (!WITH_VOLUME.includes(stack)) return text;
  const compose = parseDocument(text);
  const place = ["services", stack, "volumes"];
  if (compose.hasIn(place)) compose.addIn(place, "kept:/kept");
  else compose.setIn(place, ["kept:/kept"]);
  compose.setIn(["volumes", "kept"], {});
  return compose.toString();
}

/** @param asked how often the health checks of all stacks are asked, in Compose's words: `15s`. @default as tracked */
export function makeCheckout(asked?: string): Checkout {
  const root = mkdtempSync(join(tmpdir(), "infinity-checkout-"));
  for (const name of readdirSync(projectRoot))
    if (name !== "stacks") symlinkSync(join(projectRoot, name), join(root, name));
  cpSync(join(projectRoot, "stacks"), join(root, "stacks"), { recursive: true });
  const path = (from: string, stack: string): string => join(from, "stacks", stack, "docker-compose.yml");
  const tracked = (stack: string): string => {
    const text = withVolume(stack, readFileSync(path(projectRoot, stack), "utf8"));
    return asked === undefined ? text : text.replace(/interval: \d+s/g, `interval: ${asked}`);
  };
  const version = (stack: string, suffix: string): void => {
    const text = tracked(stack).replace(IMAGE, (line) => line + suffix);
    writeFileSync(path(root, stack), text);
  };
  for (const stack of readdirSync(join(root, "stacks"))) version(stack, "");
  return {
    root,
    version,
    imageOf: (stack) => IMAGE.exec(tracked(stack))?.[1] ?? "",
    close: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
