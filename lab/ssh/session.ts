/** One session of a connection to a host of the lab: a command or SFTP, and the faults that wait for them. */
import { performance } from "node:perf_hooks";
import type { Socket } from "node:net";
import type { Connection, ServerChannel, Session } from "ssh2";
import { failed, type CommandAnswer } from "./command";
import type { HostFault } from "./faults";
import { FileProblem, ROOT } from "./files";
import type { Operation, Serving } from "./options";
import { serveSftp } from "./sftp";
import { words } from "./words";

const pause = (ms: number): Promise<void> =>
  ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();

type Performed = (text: string, act: () => Promise<void>, refuse: (fault: HostFault) => void) => Promise<void>;

/** The faults around one operation, and the cutting of its connection. */
function withFaults(connection: Connection, { faults }: Serving): Performed {
  const { _sock: socket } = connection as unknown as { readonly _sock: Socket };
  return async (text, act, refuse) => {
    const hits = faults.take(text);
    for (const fault of hits) if (fault.kind === "delay") await pause(fault.ms);
    const failing = hits.find(({ kind }) => kind === "fail");
    const has = (kind: HostFault["kind"]): boolean => hits.some((fault) => fault.kind === kind);
    if (has("cut-before")) socket.destroy();
    else if (failing !== undefined) refuse(failing);
    else if (has("cut-after")) {
      // What is answered stays in this process.
      socket.cork();
      await act();
      socket.destroy();
    } else await act();
  };
}

export function serveSession(session: Session, connection: Connection, serving: Serving, name: string): void {
  const { users, files, operations } = serving;
  const { uid, gid } = users[name] ?? ROOT;
  const perform = withFaults(connection, serving);
  const exec = async (accept: () => ServerChannel, command: string): Promise<void> => {
    const operation: Operation = { user: name, text: command, since: performance.now() };
    operations.push(operation);
    await pause(serving.answerMs());
    const channel = accept();
    channel.on("error", () => undefined);
    const answer = ({ exitCode, stdout = "", stderr = "" }: CommandAnswer): void => {
      operation.exitCode = exitCode;
      operation.until = performance.now();
      channel.stderr.write(stderr);
      channel.write(stdout);
      channel.exit(exitCode);
      channel.end();
    };
    const act = async (): Promise<void> => {
      answer(await answerOf(operation, await stdinOf(channel), serving, name));
    };
    await perform(command, act, (fault) => {
      const { exitCode = 1, stderr = "the lab was told to fail" } = fault.kind === "fail" ? fault : {};
      answer(failed(stderr, exitCode));
    }).catch((error: unknown) => {
      answer(failed(`the lab failed: ${String((error as Error).stack)}`, 70));
    });
  };
  session.on("exec", (accept, _reject, { command }) => void exec(accept, command));
  session.on("sftp", (accept) => {
    serveSftp(accept(), {
      files,
      user: { uid, gid },
      perform: async (operation, act) => {
        const noted: Operation = { user: name, text: `sftp ${operation}`, since: performance.now() };
        operations.push(noted);
        await perform(`sftp ${operation}`, act, () => {
          throw new FileProblem("EACCES");
        });
        noted.until = performance.now();
      },
    });
  });
}

/** Not by iterating over it, which would end the channel before its answer. */
function stdinOf(channel: ServerChannel): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    channel.on("data", (chunk: Buffer) => chunks.push(chunk));
    channel.once("end", () => {
      resolve(Buffer.concat(chunks));
    });
  });
}

async function answerOf(operation: Operation, stdin: Buffer, serving: Serving, name: string): Promise<CommandAnswer> {
  const { users, files, commands = [] } = serving;
  const unknown = (why: string): CommandAnswer => {
    operation.unknown = true;
    return failed(`the lab's host ${why}: ${operation.text}`, 127);
  };
  const line = words(operation.text);
  if (line === undefined) return unknown("runs no shell");
  const asRoot = line[0] === "sudo" && line[1] === "-n" && line[2] === "--";
  const user = users[name];
  if (asRoot && user?.sudo !== true && name !== "root") return failed("sudo: a password is required");
  const { uid, gid } = asRoot ? ROOT : (user ?? ROOT);
  const command = {
    args: asRoot ? line.slice(3) : line,
    user: { name: asRoot ? "root" : name, uid, gid },
    ...{ stdin, files },
  };
  for (const handler of commands) {
    const answer = await handler(command);
    if (answer !== undefined) return answer;
  }
  return unknown("has no such command");
}
