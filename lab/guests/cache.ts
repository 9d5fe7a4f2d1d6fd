/** Where real guests' images lie: one folder a recipe in the user's cache, for all checkouts. Reads what pins Compose. */
import { join } from "node:path";
import { userCache } from "../../engine/layout";
import { composePin } from "./compose";
import { RECIPE, recipeHash } from "./recipe";

export interface ImageCache {
  /** Of this recipe alone. */
  readonly dir: string;
  readonly image: string;
  /** The image's kernel, for trying out what this machine's processor can do. */
  readonly kernel: string;
  /** The image's busybox, statically linked: what stand-ins are made of. */
  readonly busybox: string;
  /** Log of the last build. */
  readonly log: string;
  /** Held while it is built. */
  readonly lock: string;
}

export function imageCache(env: NodeJS.ProcessEnv = process.env): ImageCache {
  const all = join(userCache(env), "infinity-node", "guests");
  const dir = join(all, recipeHash({ ...RECIPE, compose: composePin().hash }));
  return {
    dir,
    image: join(dir, "image.qcow2"),
    kernel: join(dir, "vmlinuz"),
    busybox: join(dir, "busybox"),
    log: join(all, "build.log"),
    lock: join(all, "build.lock"),
  };
}
