/** QEMU's monitor: commands with their answers, and events (QMP). Talks to one socket. */
import { openLines, type Message } from "./lineSocket";

export interface Monitor {
  /** @throws Error with QEMU's words */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** A command of the human monitor, with what it prints. */
  human(line: string): Promise<string>;
  close(): void;
}

interface Waiting {
  readonly done: (value: unknown) => void;
  readonly failed: (error: Error) => void;
}

/** @param onEvent called with the name of each event: `SHUTDOWN`, `RESET`, ... */
export async function openMonitor(path: string, onEvent: (name: string) => void = () => undefined): Promise<Monitor> {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const answered = (message: Message): void => {
    if (typeof message.event === "string") onEvent(message.event);
    const entry = waiting.get(Number(message.id));
    if (entry === undefined) return;
    waiting.delete(Number(message.id));
    const error = message.error as { readonly desc?: string } | undefined;
    if (error) entry.failed(new Error(error.desc ?? "QEMU refused it"));
    else entry.done(message.return);
  };
  const socket = await openLines(path, {
    onMessage: answered,
    onClose: () => {
      for (const { failed } of waiting.values()) failed(new Error("QEMU ended"));
      waiting.clear();
    },
  });
  const execute: Monitor["execute"] = (command, args) =>
    new Promise((done, failed) => {
      last += 1;
      waiting.set(last, { done, failed });
      socket.send({ execute: command, ...(args && { arguments: args }), id: last });
    });
  await execute("qmp_capabilities");
  return {
    execute,
    human: async (line) => String(await execute("human-monitor-command", { "command-line": line })),
    close: () => {
      socket.close();
    },
  };
}
