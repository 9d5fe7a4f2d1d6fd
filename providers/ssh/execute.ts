/** One command on an open connection: what it wrote and how it ended, or why that is not known. Repeats nothing. */
import type { ClientChannel } from "ssh2";
import type { Link } from "./link";
import { Busy } from "./turns";

export interface Ending {
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** Why a command has no ending. */
export class Unended extends Error {
  constructor(
    readonly why:
      /** The connection was gone before the command was sent. */
      | "not sent"
      /** The host takes no commands from this user. */
      | "refused"
      /** The connection ended under it. */
      | "dropped"
      /** It is not over in time. */
      | "timeout"
      /** It wrote more than is taken. */
      | "flood",
    options?: ErrorOptions,
  ) {
    super(why, options);
  }
}

const LARGEST = 16 * 1024 * 1024;
/** RFC 4254, 5.1: prohibited, connect failed (what OpenSSH says beyond its MaxSessions), and resource shortage. */
const BUSY = [1, 2, 4];

/** @throws Unended, or Busy */
export function execute(
  link: Link,
  command: string,
  { stdin, timeoutMs }: { readonly stdin?: string | Buffer; readonly timeoutMs: number },
): Promise<Ending> {
  // Listened to from its first moment: a command that ends at once is over in the packet that opens its channel.
  return openChannel(link, command, timeoutMs, (channel) => ending(channel, stdin, timeoutMs));
}

function ending(channel: ClientChannel, stdin: string | Buffer | undefined, timeoutMs: number): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let size = 0;
    const give = (why: "timeout" | "flood"): void => {
      clearTimeout(timer);
      reject(new Unended(why));
      channel.close();
    };
    const timer = setTimeout(() => {
      give("timeout");
    }, timeoutMs);
    const take = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > LARGEST) give("flood");
      else into.push(chunk);
    };
    channel.on("data", take(out));
    channel.stderr.on("data", take(err));
    let exit: Pick<Ending, "exitCode" | "signal"> | undefined;
    channel.on("exit", (code: number | null, signal?: string) => {
      exit = code === null ? { signal: signal?.replace(/^SIG/, "") ?? "?" } : { exitCode: code };
    });
    // A command that ends before it read its stdin is no failure of ours: its exit code tells.
    channel.on("error", () => undefined);
    channel.on("close", () => {
      clearTimeout(timer);
      if (exit === undefined) reject(new Unended("dropped"));
      else resolve({ ...exit, stdout: Buffer.concat(out), stderr: Buffer.concat(err) });
    });
    channel.end(stdin ?? "");
  });
}

function openChannel<T>(
  link: Link,
  command: string,
  timeoutMs: number,
  use: (channel: ClientChannel) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const { received } = link;
    // A host of which nothing comes is gone, whatever the connection seems to be. One that says something may be at it
    // already: its connection is left to the others, and the host to answer late.
    const silent = setTimeout(() => {
      if (link.received === received) void link.end();
    }, link.silentMs);
    let over = false;
    const late = setTimeout(() => {
      over = true;
      reject(new Unended("timeout"));
    }, timeoutMs);
    const opened = (error: (Error & { reason?: unknown }) | undefined, channel: ClientChannel): void => {
      clearTimeout(silent);
      clearTimeout(late);
      if (error !== undefined) reject(whyNot(error, link));
      else if (over) channel.close();
      else resolve(use(channel));
    };
    try {
      // Errors are read: in English, where sshd takes a locale (AcceptEnv LANG LC_*), as it does on Debian and Ubuntu.
      link.client.exec(command, { env: { LC_ALL: "C" } }, opened);
    } catch (error) {
      // The client throws where the socket is gone already.
      clearTimeout(silent);
      clearTimeout(late);
      reject(new Unended("not sent", { cause: error }));
    }
  });
}

/**
 * The client sends the command only after the channel is open; what fails before had no effect. Where the connection ends,
 * it says "No response from server" of a channel that wasn't open, and of a command that was sent that it was "Unable to exec".
 */
function whyNot(error: Error & { reason?: unknown }, link: Link): Unended | Busy {
  const options = { cause: error };
  if (typeof error.reason === "number" && BUSY.includes(error.reason)) return new Busy("busy", options);
  if (error.message.includes("No response from server")) return new Unended("not sent", options);
  return new Unended(typeof error.reason === "number" || link.alive ? "refused" : "dropped", options);
}
