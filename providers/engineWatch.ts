/**
 * A provider process must not outlive its engine: killed alone, the engine leaves it running, and what it goes on to
 * change nobody records. Asks the engine's own address, by a connection that carries nothing; may end this process.
 */
import { connect } from "node:net";

export interface EngineAddress {
  readonly host: string;
  readonly port: number;
}

/** How long an answer may take: both are on this machine. No answer in time proves nothing. */
const ANSWER_MS = 2_000;
const WATCH_MS = 1_000;

/**
 * The engine that started this process: the SDK's provider host is given its address (`node .../cmd/dynamic-provider
 * 127.0.0.1:41234`). `undefined` in every other process.
 */
export function engineOf(argv: readonly string[]): EngineAddress | undefined {
  const [, script = "", address = ""] = argv;
  return /[\\/]cmd[\\/]dynamic-provider([\\/]|$)/.test(script) ? engineAt(address) : undefined;
}

/** @param address `127.0.0.1:41234`, as an engine gives its own to what it starts. */
export function engineAt(address: string): EngineAddress | undefined {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? [];
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}

/** Whether nobody listens there any more. Anything but a plain refusal counts as alive. */
export function isGone({ host, port }: EngineAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (gone: boolean): void => {
      socket.destroy();
      resolve(gone);
    };
    socket.setTimeout(ANSWER_MS, () => {
      end(false);
    });
    socket.once("connect", () => {
      end(false);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      end(error.code === "ECONNREFUSED");
    });
  });
}

/**
 * Ends this process soon after its engine. Doesn't keep it alive.
 * @param end what to do then.
 */
export function endWith(engine: EngineAddress, end: () => void, everyMs = WATCH_MS): void {
  const watch = async (): Promise<void> => {
    if (await isGone(engine)) end();
    else setTimeout(() => void watch(), everyMs).unref();
  };
  setTimeout(() => void watch(), everyMs).unref();
}
