/** `infinity lab tour`: what the program does for a house, as a story, on the real engine. It ends where a step is not as expected. */
import { performance } from "node:perf_hooks";
import pc from "picocolors";
import type { Engine } from "../../engine/engine";
import type { Chapter } from "./chapter";
import { credentials } from "./chapters/credentials";
import { edits } from "./chapters/edits";
import { forgotten } from "./chapters/forgotten";
import { grown } from "./chapters/grown";
import { houseUp } from "./chapters/houseUp";
import { inside } from "./chapters/inside";
import { killed } from "./chapters/killed";
import { moved } from "./chapters/moved";
import { takenOver } from "./chapters/takenOver";
import { openStage } from "./stage";

/** Each goes on from where the one before it left the house. */
export const CHAPTERS: readonly Chapter[] = [
  houseUp,
  edits,
  inside,
  killed,
  takenOver,
  grown,
  forgotten,
  moved,
  credentials,
];

/** @throws where a step is not as expected, with what was seen. */
export async function tour(engine: Engine, print: (line: string) => void): Promise<void> {
  const stage = await openStage(engine);
  try {
    for (const [index, chapter] of CHAPTERS.entries()) {
      const start = performance.now();
      print(pc.bold(`${index + 1}. ${chapter.title}`));
      await chapter
        .play(stage, (line) => {
          print(`   ${line}`);
        })
        .catch((error: unknown) => {
          const seen = error instanceof Error ? error.message : String(error);
          throw new Error(`the tour ends in "${chapter.title}": ${seen}`, { cause: error });
        });
      print(`   ${pc.green("✓")} ${pc.dim(`${((performance.now() - start) / 1000).toFixed(1)} s`)}\n`);
    }
    print(`All ${CHAPTERS.length} chapters as expected.`);
  } finally {
    await stage.close();
  }
}
