/** What changes a guest, as data: a resource plans steps from what it saw, and only `perform` acts. */
import type { Host } from "../ssh/host";
import { bareKey } from "./accounts";
import { runAll, type Command } from "./bulk";

export type Step =
  /** A command as root. */
  | { readonly kind: "run"; readonly command: Command; readonly stdin?: string; readonly timeoutMs?: number }
  /** A file as a whole; its folder has to be there. */
  | {
      readonly kind: "write";
      readonly path: string;
      readonly content: string;
      readonly mode: string;
      readonly owner: string;
    }
  | { readonly kind: "directory"; readonly path: string; readonly mode: string; readonly owner: string }
  /** What a command prints, before the next step: refused where `judge` throws. */
  | { readonly kind: "judged"; readonly command: Command; readonly judge: (stdout: string) => void }
  /** A log-in of its own works: asked before what could lock us out is left as it is. */
  | { readonly kind: "login" }
  /** The file by which we are let in goes on letting us in: asked before anything is written. Lines of key files. */
  | { readonly kind: "admits"; readonly now: readonly string[]; readonly next: readonly string[] }
  /** Should one of the steps fail, `undo` puts back what was there, and the failure is told. */
  | { readonly kind: "guarded"; readonly steps: readonly Step[]; readonly undo: readonly Step[] };

export const run = (...command: Command): Step => ({ kind: "run", command });

/** A file of root's that everybody may read. */
export const write = (path: string, content: string): Step => ({
  kind: "write",
  path,
  content,
  mode: "0644",
  owner: "root:root",
});

/** A guest as a resource has it: the pooled connection, and the proof that another one could be opened. */
export interface Session {
  readonly host: Host;
  /** Opens and ends a connection of its own. @throws SshError where nobody is let in */
  login(): Promise<void>;
  /** Public keys that we log in with: `ssh-ed25519 AAAA...`. */
  keys(): Promise<readonly string[]>;
}

const octal = (mode: string): number => Number.parseInt(mode, 8);

/** @throws SshError of the first step that failed; those before it stay done. */
export async function perform(session: Session, steps: readonly Step[]): Promise<void> {
  for (const step of steps) await one(session, step);
}

async function one(session: Session, step: Step): Promise<void> {
  const { host } = session;
  switch (step.kind) {
    case "run":
      await host.run(step.command, { sudo: true, stdin: step.stdin, timeoutMs: step.timeoutMs });
      return;
    case "write":
      await host.writeFile(step.path, step.content, { sudo: true, mode: octal(step.mode), owner: step.owner });
      return;
    case "directory":
      await host.makeDirectory(step.path, { sudo: true, mode: octal(step.mode), owner: step.owner });
      return;
    case "judged":
      step.judge((await runAll(host, [step.command], { reads: true }))[0]?.stdout ?? "");
      return;
    case "login":
      await session.login();
      return;
    case "admits":
      await admitted(session, step.now, step.next);
      return;
    case "guarded":
      try {
        await perform(session, step.steps);
      } catch (error) {
        await undo(session, step.undo, error);
        throw error;
      }
  }
}

/** A run that is killed after the write puts nothing back: so it isn't written. @throws Error where we would be shut out */
async function admitted(session: Session, now: readonly string[], next: readonly string[]): Promise<void> {
  const own = await session.keys();
  const has = (lines: readonly string[]): boolean => lines.some((line) => own.includes(bareKey(line) ?? ""));
  // Where it isn't the file that lets us in, it can't shut us out either.
  if (!has(now) || has(next)) return;
  throw new Error(
    `${own.join(", ")}: that is the key we log in with, and it is none of the new ones - add it, or let another one of ` +
      `them in first and log in with that; nothing was changed`,
  );
}

/** What could not be put back is said beside what failed first. */
async function undo(session: Session, steps: readonly Step[], cause: unknown): Promise<void> {
  try {
    await perform(session, steps);
  } catch (error) {
    const [first, second] = [cause, error].map((each) => (each instanceof Error ? each.message : String(each)));
    throw new Error(`${first}\n  and what was there before could not be put back: ${second}`, { cause });
  }
}
