/** A lab's world on disk: read at start, written soon after each change, by rename so that no half file is ever seen. */
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";

/** An acknowledged change is on disk after this long. */
const DELAY_MS = 25;
const VERSION = 1;

export class StateFile<World> {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly path: string,
    private readonly world: () => World,
  ) {}

  /** What an earlier run left, `undefined` on the first. @throws where the file is not one of the lab's */
  load(): World | undefined {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const state = JSON.parse(text) as { readonly version?: number; readonly world?: World };
    if (state.version !== VERSION || state.world === undefined)
      throw new Error(
        `${this.path}: not a state file of this lab (version ${VERSION}); remove it, or start from another folder`,
      );
    return state.world;
  }

  /** Changes close to each other are written once. */
  changed(): void {
    this.timer ??= setTimeout(() => {
      this.flush().catch((error: unknown) => {
        console.error(`the lab's state was not written: ${String(error)}`);
      });
    }, DELAY_MS);
  }

  /** Writes the world as it is now, after any write under way. @throws where the file can't be written */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = this.writing.catch(() => undefined).then(() => this.write());
    return this.writing;
  }

  /** Writes what is waiting, and only then. */
  close(): Promise<void> {
    return this.timer ? this.flush() : this.writing;
  }

  private async write(): Promise<void> {
    const next = `${this.path}.${process.pid}.tmp`;
    await writeFile(next, JSON.stringify({ version: VERSION, world: this.world() }), { mode: 0o600 });
    await rename(next, this.path);
  }
}
