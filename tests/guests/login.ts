/** A log-in to a guest over SSH, waiting for it to come up: the first that is let in. Opens one connection. */
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "ssh2";

export interface Login {
  /** @returns what the command printed, without the last newline @throws Error where it fails */
  run(command: string): Promise<string>;
  close(): void;
}

export interface LoginOptions {
  /** On 127.0.0.1. */
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
  /** How long its system may take to come up. */
  readonly withinMs: number;
}

/** A guest that is emulated beside other suites is slow to shake hands. */
const HANDSHAKE_MS = 60_000;

function connectOnce({ port, username, privateKey }: LoginOptions): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    client.once("ready", () => {
      resolve(client);
    });
    client.on("error", reject);
    client.connect({ host: "127.0.0.1", port, username, privateKey, readyTimeout: HANDSHAKE_MS });
  });
}

const run = (client: Client, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) {
        reject(error);
        return;
      }
      let [stdout, stderr] = ["", ""];
      channel.on("data", (data: Buffer) => (stdout += data.toString()));
      channel.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
      channel.on("close", (code: number | null) => {
        if (code === 0) resolve(stdout.trimEnd());
        else reject(new Error(`${command}: exit ${code ?? "none"}\n${stdout}${stderr}`));
      });
    });
  });

/** @throws the last refusal where nobody was let in within the time */
export async function logIn(options: LoginOptions): Promise<Login> {
  const deadline = Date.now() + options.withinMs;
  for (;;) {
    try {
      const client = await connectOnce(options);
      return {
        run: (command) => run(client, command),
        close: () => {
          client.end();
        },
      };
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(500);
    }
  }
}
