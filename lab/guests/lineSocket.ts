/** A Unix socket that carries one JSON document a line, as QEMU's monitor and the guest agent do. Touches that socket. */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

export type Message = Readonly<Record<string, unknown>>;

export interface LineSocket {
  send(message: Message): void;
  close(): void;
}

interface Events {
  readonly onMessage: (message: Message) => void;
  readonly onClose: () => void;
}

/** Bytes that a guest's agent puts before an answer so that garbage before it is given up. */
const SENTINEL = /^[^]*\u00ff|^[^{]*(?={)/;

/** @throws where nobody listens */
export function openLines(path: string, { onMessage, onClose }: Events): Promise<LineSocket> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(path);
    socket.setEncoding("latin1");
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      // What breaks the connection ends it: `close` follows.
      socket.on("error", () => undefined);
      socket.once("close", onClose);
      createInterface(socket).on("line", (line) => {
        const text = Buffer.from(line.replace(SENTINEL, ""), "latin1").toString("utf8");
        const message = parse(text);
        if (message !== undefined) onMessage(message);
      });
      resolve({
        send: (message) => {
          socket.write(`${JSON.stringify(message)}\n`);
        },
        close: () => {
          socket.destroy();
        },
      });
    });
  });
}

/** `undefined` for what is cut off: the rest of an answer that somebody else no longer waited for. */
function parse(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}
