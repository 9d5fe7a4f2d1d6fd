/** Asks who sits at the terminal. Reads standard input; writes to standard error, so that output can be piped. */
import { read } from "read";

/** Somebody who can be asked. Without a terminal there is nobody. */
export interface Person {
  /** Without showing what is typed. */
  secret(prompt: string): Promise<string>;
  /** Anything but yes is no. */
  agrees(question: string): Promise<boolean>;
}

export function personAt(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Person | undefined {
  if (!input.isTTY) return undefined;
  const streams = { input, output };
  return {
    secret: (prompt) => read({ ...streams, prompt, silent: true }),
    agrees: async (question) => /^y(es)?$/i.test((await read({ ...streams, prompt: `${question} (yes/no)` })).trim()),
  };
}

/** The first line of what is piped in. */
export async function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8").split(/\r?\n/)[0] ?? "";
}
