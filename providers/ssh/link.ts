/** One SSH connection to one host: opened, proved to be that host, logged in. Opens sockets; sends no command. */
import { connect as connectSocket, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Client, type ServerHostKeyAlgorithm } from "ssh2";
import { credentialsOf, type ClientCredentials } from "./credentials";
import { hostKeyMissing, noKnownHostKey, otherHostKey } from "./explain";
import {
  fingerprintOf,
  HOST_KEY_ALGORITHMS,
  HOST_KEY_KINDS,
  kindOf,
  type HostKeyKind,
  type HostKeyPin,
} from "./hostKey";
import type { SshTarget } from "./target";

export interface LinkOptions {
  /** For the socket. @default 10 000 */
  readonly connectTimeoutMs?: number;
  /** From the socket to the end of the log-in. @default 20 000 */
  readonly loginTimeoutMs?: number;
  /** A host that doesn't answer this often in a row, while a command runs, is gone. @default 15 000, twice */
  readonly keepAliveMs?: number;
  /** A host that says nothing at all for so long, asked to take a command, is gone. @default 15 000 */
  readonly silentMs?: number;
}

/** A way to the host's port by another host. */
export type Tunnel = (address: string, port: number) => Promise<Duplex>;

export interface Link {
  readonly client: Client;
  /** `SHA256:...` */
  readonly hostKey: string;
  readonly alive: boolean;
  /** Bytes that came since the log-in: whether the host says anything. */
  readonly received: number;
  readonly silentMs: number;
  /** A command runs: the process stays for it, and the host is asked whether it is still there. */
  hold(): void;
  /** Nothing runs: the connection doesn't keep the process. */
  rest(): void;
  end(): Promise<void>;
}

type Attempt = { readonly link: Link } | { readonly otherKey: Buffer } | { readonly noSuchKey: true };

/**
 * A pinned fingerprint doesn't tell the kind of its key, and a host has one of each: the others are asked for as well.
 * @param pin left out: whichever key the host shows is taken, unless the target requires one.
 * @throws SshError `target` or `host-key`, or what the socket or the client failed with (see explain.ts).
 */
export async function openLink(
  target: SshTarget,
  pin: HostKeyPin | undefined,
  tunnel: Tunnel | undefined,
  options: LinkOptions = {},
): Promise<Link> {
  const credentials = credentialsOf(target);
  let kinds: readonly HostKeyKind[] = pin?.kind === undefined ? HOST_KEY_KINDS : [pin.kind];
  let first: string | undefined;
  for (;;) {
    const socket = await openSocket(target, tunnel, options.connectTimeoutMs ?? 10_000);
    const attempt = await logIn(target, credentials, kinds, pin, socket, options);
    if ("link" in attempt) return attempt.link;
    const shown = "otherKey" in attempt ? kindOf(attempt.otherKey) : undefined;
    // Asked for every kind, or for any: to ask the same again is to be told the same, without an end.
    if (shown === undefined && kinds.length === HOST_KEY_KINDS.length) throw noKnownHostKey(target);
    if ("otherKey" in attempt) first ??= fingerprintOf(attempt.otherKey);
    if (pin === undefined) throw first === undefined ? noKnownHostKey(target) : hostKeyMissing(target, first);
    const rest = kinds.filter((kind) => kind !== shown);
    if (rest.length === 0 || rest.length === kinds.length) throw otherHostKey(target, pin, first);
    kinds = rest;
  }
}

function openSocket({ address, port = 22 }: SshTarget, tunnel: Tunnel | undefined, timeoutMs: number): Promise<Duplex> {
  if (tunnel !== undefined) return tunnel(address, port);
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: address, port, noDelay: true });
    socket.setTimeout(timeoutMs, () => {
      socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
    });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function logIn(
  target: SshTarget,
  credentials: ClientCredentials,
  kinds: readonly HostKeyKind[],
  pin: HostKeyPin | undefined,
  socket: Duplex,
  options: LinkOptions,
): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const client = new Client();
    let key: Buffer | undefined;
    let refused = false;
    const fail = (error: Error): void => {
      socket.destroy();
      if (refused && key !== undefined) resolve({ otherKey: key });
      else if (error.message.includes("no matching host key")) resolve({ noSuchKey: true });
      else reject(error);
    };
    // Two errors may follow one another; the second finds nobody.
    client.on("error", fail);
    client.once("close", () => {
      fail(Object.assign(new Error("the host ended the connection"), { code: "ECONNRESET" }));
    });
    client.once("ready", () => {
      if (key !== undefined) resolve({ link: linkOf(client, socket, fingerprintOf(key), options) });
    });
    client.connect({
      ...credentials,
      sock: socket,
      username: target.user,
      readyTimeout: options.loginTimeoutMs ?? 20_000,
      algorithms: { serverHostKey: kinds.flatMap((kind): ServerHostKeyAlgorithm[] => [...HOST_KEY_ALGORITHMS[kind]]) },
      hostVerifier: (presented: Buffer) => {
        key = presented;
        refused = pin === undefined ? target.hostKeyRequired === true : fingerprintOf(presented) !== pin.fingerprint;
        return !refused;
      },
    });
  });
}

function linkOf(
  client: Client,
  socket: Duplex,
  hostKey: string,
  { keepAliveMs = 15_000, silentMs = 15_000 }: LinkOptions,
): Link {
  let alive = true;
  let received = 0;
  socket.on("data", (chunk: Buffer) => (received += chunk.length));
  let pulse: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    client.once("close", () => {
      alive = false;
      clearInterval(pulse);
      resolve();
    });
  });
  let unanswered = 0;
  // The client's own keep-alive has a timer that keeps the process. This one asks for the end of a forwarding that there
  // is not: any server answers, and nothing happens.
  const ask = (): void => {
    if (unanswered >= 2) {
      socket.destroy();
      return;
    }
    unanswered += 1;
    try {
      client.unforwardIn("127.0.0.1", 1, () => (unanswered = 0));
    } catch {
      // The client throws where the socket is on its way out already.
      socket.destroy();
    }
  };
  return {
    client,
    hostKey,
    get alive() {
      return alive && socket.writable;
    },
    get received() {
      return received;
    },
    silentMs,
    hold() {
      if (socket instanceof Socket) socket.ref();
      unanswered = 0;
      clearInterval(pulse);
      if (alive) pulse = setInterval(ask, keepAliveMs).unref();
    },
    rest() {
      clearInterval(pulse);
      if (socket instanceof Socket) socket.unref();
    },
    end() {
      if (!alive) return over;
      // Who waits for the end has to live to see it.
      if (socket instanceof Socket) socket.ref();
      client.end();
      // A host that is gone never closes its side.
      const timer = setTimeout(() => socket.destroy(), 1_000);
      return over.finally(() => {
        clearTimeout(timer);
      });
    },
  };
}
