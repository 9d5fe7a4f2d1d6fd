/**
 * The guests' network: an Ethernet switch that QEMU's cards are plugged in to, one Unix socket for all. It learns who is
 * where, and lets the router see only what is meant for it: user-mode networking takes any packet that it sees for its
 * own, and would look for the house's addresses on the real network. Listens on one socket.
 */
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

export interface Switch {
  /** Path that QEMU's `stream` backends connect to. */
  readonly path: string;
  /** Frames that left a guest for the router, by the guest's MAC address: counted outside of it. */
  readonly outbound: ReadonlyMap<string, number>;
  /** Shows every frame that a card sent, whether or not it has a receiver. @returns what ends it */
  watch(listener: (frame: Buffer) => void): () => void;
  close(): Promise<void>;
}

interface Port {
  readonly socket: Socket;
  buffer: Buffer;
}

const HEADER = 4;
/** Larger than any frame of a virtual card without offloads of its own. */
const LONGEST = 70_000;
/** A port that does not read is not waited for: a frame more or less is what Ethernet is like. */
const MOST_WAITING = 4 * 1024 * 1024;

/** The addresses of QEMU's user-mode router: 52:55 and the IPv4 address that it answers for. */
const isRouter = (mac: string): boolean => mac.startsWith("5255");
const isGroup = (frame: Buffer): boolean => ((frame[0] ?? 0) & 1) === 1;
const isBroadcast = (mac: string): boolean => mac === "ffffffffffff";

const colons = (mac: string): string => mac.replace(/..(?=.)/g, "$&:").toUpperCase();

/** Frames in what has come in, and the rest. QEMU puts a frame's length before it. */
export function takeFrames(buffer: Buffer): { readonly frames: readonly Buffer[]; readonly rest: Buffer } {
  const frames: Buffer[] = [];
  let at = 0;
  while (buffer.length - at >= HEADER) {
    const length = buffer.readUInt32BE(at);
    if (length > LONGEST) throw new Error(`a frame of ${length} bytes`);
    if (buffer.length - at - HEADER < length) break;
    frames.push(buffer.subarray(at + HEADER, at + HEADER + length));
    at += HEADER + length;
  }
  return { frames, rest: buffer.subarray(at) };
}

export async function startSwitch(path: string): Promise<Switch> {
  const ports = new Set<Port>();
  const places = new Map<string, Port>();
  const outbound = new Map<string, number>();
  const watching = new Set<(frame: Buffer) => void>();
  let router: Port | undefined;

  const give = (port: Port, frame: Buffer): void => {
    if (port.socket.writableLength > MOST_WAITING) return;
    const header = Buffer.alloc(HEADER);
    header.writeUInt32BE(frame.length);
    port.socket.write(header);
    port.socket.write(frame);
  };
  /** Where a frame goes; a stranger's is for everybody but the router. */
  const receivers = (from: Port, frame: Buffer, to: string): readonly Port[] => {
    const place = isRouter(to) ? router : places.get(to);
    if (place !== undefined && !isGroup(frame)) return place === from ? [] : [place];
    return [...ports].filter((port) => port !== from && (port !== router || isBroadcast(to)));
  };
  const pass = (from: Port, frame: Buffer): void => {
    if (frame.length < 14) return;
    for (const listener of watching) listener(frame);
    const [to, source] = [frame.toString("hex", 0, 6), frame.toString("hex", 6, 12)];
    if (isRouter(source)) router = from;
    else places.set(source, from);
    for (const port of receivers(from, frame, to)) {
      if (port === router && !isBroadcast(to)) outbound.set(colons(source), (outbound.get(colons(source)) ?? 0) + 1);
      give(port, frame);
    }
  };
  const plugIn = (socket: Socket): void => {
    const port: Port = { socket, buffer: Buffer.alloc(0) };
    ports.add(port);
    socket.on("data", (chunk) => {
      try {
        const { frames, rest } = takeFrames(Buffer.concat([port.buffer, chunk]));
        port.buffer = rest;
        for (const frame of frames) pass(port, frame);
      } catch {
        socket.destroy();
      }
    });
    socket.on("error", () => undefined);
    socket.once("close", () => {
      ports.delete(port);
      if (router === port) router = undefined;
      for (const [mac, place] of places) if (place === port) places.delete(mac);
    });
  };

  rmSync(path, { force: true });
  const server: Server = createServer(plugIn);
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(path, done);
  });
  return {
    path,
    outbound,
    watch: (listener) => {
      watching.add(listener);
      return () => watching.delete(listener);
    },
    close: () =>
      new Promise((done) => {
        for (const { socket } of ports) socket.destroy();
        server.close(() => {
          done();
        });
      }),
  };
}
