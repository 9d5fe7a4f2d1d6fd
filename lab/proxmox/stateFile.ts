/** The world on disk: read at start, written soon after each change, by rename so that no half file is ever seen. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { World } from "./world";

/** An acknowledged change is on disk after this long. */
const DELAY_MS = 25;
const VERSION = 1;

export class StateFile {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly path: string,
    private readonly world: () => World,
  ) {}

  /** What an earlier run left, `undefined` on the first. @throws where the file is not one of the lab's */
  static load(path: string): World | undefined {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const state = JSON.parse(text) as { readonly version?: number; readonly world?: World };
    if (state.version !== VERSION || state.world === undefined)
      throw new Error(
        `${path}: not a state file of this lab (version ${VERSION}); remove it, or start from another folder`,
      );
    return state.world;
  }

  changed(): void {
    this.timer ??= setTimeout(() => {
      this.flush();
    }, DELAY_MS);
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const next = `${this.path}.${process.pid}.tmp`;
    writeFileSync(next, JSON.stringify({ version: VERSION, world: this.world() }), { mode: 0o600 });
    renameSync(next, this.path);
  }

  /** Writes what is waiting, and only then. */
  close(): void {
    if (this.timer) this.flush();
  }
}
