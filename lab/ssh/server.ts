/**
 * A host of the lab: a real SSH server on 127.0.0.1 that lets its users in by key, understands the commands of a table and
 * refuses all others, and has SFTP on a folder. Touches its port and that folder.
 */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { Server, utils, type AuthContext, type Connection, type ServerHostKeyAlgorithm } from "ssh2";
import { fingerprintOf } from "../../providers/ssh/hostKey";
import { delayed } from "./delayed";
import { HostFaults } from "./faults";
import { LabFiles } from "./files";
import { newKey } from "./keys";
import type { HostOptions, HostUser, Operation, Serving } from "./options";
import { serveSession } from "./session";

export type { HostOptions, HostUser, Operation } from "./options";

export interface LabHost {
  readonly port: number;
  /** `SHA256:...`, of the key it has now. */
  readonly hostKey: string;
  readonly files: LabFiles;
  readonly operations: Operation[];
  readonly faults: HostFaults;
  /** Connections that are open now. */
  readonly open: number;
  /** Connections that were opened so far, let in or not. */
  readonly connections: number;
  /** Connections that were let in so far. */
  readonly logins: number;
  /**
   * Another host key from here on, as of another machine at the address; open connections end.
   * @param signatures the only ones that it makes with it.
   */
  present(hostKey: string, signatures?: ServerHostKeyAlgorithm[]): void;
  /** From here on it says nothing to who wants to go on to another host, as where that one is off. */
  holdForwards(): void;
  /** From here on it says only after so long that it took a command up. */
  answerAfter(ms: number): void;
  /** The connections of so far are forgotten, and nobody is told: as of a machine that lost its power. */
  forget(): void;
  /** Resets so many connections to come, as a machine whose server isn't up yet. */
  resetNext(count: number): void;
  /** Cuts all connections. */
  cut(): void;
  readonly close: () => Promise<void>;
}

/** Starts it and resolves when it listens. @throws where the port is taken, or the key is none */
export async function startHost(options: HostOptions): Promise<LabHost> {
  const files = new LabFiles(options.root);
  const sockets = new Set<Socket>();
  const operations: Operation[] = [];
  const faults = new HostFaults();
  let [connections, logins] = [0, 0];
  let [holding, resets, answerMs] = [false, 0, 0];
  let hostKey = "";
  let ssh: Server;
  const present: LabHost["present"] = (key, signatures) => {
    const parsed = utils.parseKey(key);
    if (parsed instanceof Error) throw parsed;
    hostKey = fingerprintOf(parsed.getPublicSSH());
    const algorithms = signatures && { serverHostKey: signatures };
    ssh = new Server({ hostKeys: [key], algorithms }, (connection) => {
      serve(
        connection,
        { ...options, files, operations, faults, answerMs: () => answerMs },
        () => (logins += 1),
        () => holding,
      );
    });
  };
  present(options.hostKey ?? newKey().private);
  const server = createServer((socket) => {
    connections += 1;
    if (resets > 0) {
      resets -= 1;
      socket.resetAndDestroy();
      return;
    }
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.setNoDelay(true);
    const { latencyMs } = options;
    // What the server does with it any stream can do.
    ssh.injectSocket(latencyMs ? (delayed(socket, latencyMs) as unknown as Socket) : socket);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get hostKey() {
      return hostKey;
    },
    ...{ files, operations, faults, cut },
    get open() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    get logins() {
      return logins;
    },
    holdForwards: () => {
      holding = true;
    },
    answerAfter: (ms) => {
      answerMs = ms;
    },
    forget: () => {
      for (const socket of sockets) socket.pause();
    },
    resetNext: (count) => {
      resets = count;
    },
    present: (key, signatures) => {
      present(key, signatures);
      cut();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        cut();
      }),
  };
}

function serve(connection: Connection, serving: Serving, letIn: () => void, holds: () => boolean): void {
  let name = "";
  let sessions = 0;
  // A client that goes away in the middle is nothing to be told.
  connection.on("error", () => undefined);
  connection.on("authentication", (context) => {
    if (isKnown(serving.users[context.username], context)) {
      name = context.username;
      context.accept();
    } else context.reject(["publickey"]);
  });
  connection.on("ready", letIn);
  connection.on("session", (accept, reject) => {
    if (sessions >= (serving.maxSessions ?? 10)) {
      reject();
      return;
    }
    sessions += 1;
    const session = accept();
    session.once("close", () => (sessions -= 1));
    serveSession(session, connection, serving, name);
  });
  connection.on("tcpip", (accept, reject, { destIP, destPort }) => {
    if (holds()) return;
    if (serving.forwards !== true) {
      reject();
      return;
    }
    // As OpenSSH's: an end of one side is an end, and no close before the other side's.
    const socket = connect({ host: destIP, port: destPort, allowHalfOpen: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      const channel = accept();
      channel.on("error", () => socket.destroy());
      socket.on("error", () => {
        channel.close();
      });
      channel.on("close", () => socket.destroy());
      socket.on("close", () => {
        channel.close();
      });
      channel.pipe(socket);
      socket.pipe(channel, { end: false });
      socket.on("end", () => {
        channel.eof();
      });
    });
  });
}

function isKnown(user: HostUser | undefined, context: AuthContext): boolean {
  if (user === undefined || context.method !== "publickey") return false;
  const { key, blob, signature, hashAlgo } = context;
  return user.keys.some((line) => {
    const known = utils.parseKey(line);
    if (known instanceof Error || known.type !== key.algo.replace(/^rsa-sha2-\d+$/, "ssh-rsa")) return false;
    if (!known.getPublicSSH().equals(key.data)) return false;
    // Without a signature it only asks whether the key would do.
    if (blob === undefined || signature === undefined) return true;
    // Declared as a boolean; a signature that is none at all comes back as an error.
    const verdict: unknown = known.verify(blob, signature, hashAlgo);
    return verdict === true;
  });
}
