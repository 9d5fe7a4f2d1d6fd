import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type SecureVersion, type Server, type TLSSocket } from "node:tls";
import { connect } from "../../../../providers/proxmox/connect";
import type { ProxmoxClient } from "../../../../providers/proxmox/client";
import type { Trust } from "../../../../providers/proxmox/trust";
import { outputOf } from "./script";
import { makeCertificate, type Certificate } from "./certificate";

/** Speaks TLS for real and just enough HTTP, to count every decrypted byte that a client sends. */
interface CountingServer {
  readonly endpoint: string;
  readonly bytes: () => number;
  readonly handshakes: { readonly resumed: boolean }[];
  /** Another certificate from the next connection on; its session tickets stay valid. */
  readonly renew: (certificate: Certificate) => void;
  readonly close: () => Promise<void>;
}

const CLOSING = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n" + '{"data": 1}';

async function startCounting(certificate: Certificate, version?: SecureVersion): Promise<CountingServer> {
  const ticketKeys = randomBytes(48);
  const versions = version === undefined ? {} : { minVersion: version, maxVersion: version };
  const handshakes: { resumed: boolean }[] = [];
  const sockets = new Set<TLSSocket>();
  let bytes = 0;
  const server: Server = createServer({ ...certificate, ...versions, ticketKeys }, (socket) => {
    handshakes.push({ resumed: socket.isSessionReused() });
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data: Buffer) => {
      bytes += data.length;
      socket.end(CLOSING);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    bytes: () => bytes,
    handshakes,
    renew: (next) => {
      server.setSecureContext({ ...next, ...versions, ticketKeys });
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      });
    },
  };
}

const clientOf = (endpoint: string, trust: Trust): ProxmoxClient =>
  connect(
    { endpoint, trust, credentials: { kind: "token", token: "root@pam!test=s3cret" }, rootTicket: false },
    { retry: { attempts: 1 } },
  );

const failureOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error("no error"),
    (error: unknown) => error as Error,
  );

let ours: Certificate;
let other: Certificate;
let close: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [ours, other] = await Promise.all([makeCertificate(), makeCertificate()]);
});

afterEach(async () => {
  await Promise.all(close.map((end) => end()));
  close = [];
});

async function start(
  trust: Trust,
  version?: SecureVersion,
): Promise<{ server: CountingServer; client: ProxmoxClient }> {
  const server = await startCounting(ours, version);
  const client = clientOf(server.endpoint, trust);
  close.push(() => client.close(), server.close);
  return { server, client };
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("a pinned fingerprint over %s", (version) => {
  it("lets the right server answer, without a CA and whatever its name", async () => {
    const { server, client } = await start({ kind: "pin", fingerprint: ours.fingerprint }, version);
    await expect(client.get("/version")).resolves.toBe(1);
    expect(server.bytes()).toBeGreaterThan(0);
  });

  it("keeps every byte from a server with another certificate, and names both", async () => {
    const { server, client } = await start({ kind: "pin", fingerprint: other.fingerprint }, version);
    const error = await failureOf(client.get("/version"));
    expect(error.message).toContain(ours.fingerprint);
    expect(error.message).toContain(`hypervisor.tls.fingerprint is ${other.fingerprint}`);
    expect(error).toMatchObject({ name: "ProxmoxError", status: undefined, noEffect: true });
    expect(server.bytes()).toBe(0);
  });

  it("keeps every byte from a server whose certificate changed between two connections", async () => {
    const { server, client } = await start({ kind: "pin", fingerprint: ours.fingerprint }, version);
    await client.get("/version");
    const before = server.bytes();
    server.renew(other);
    const error = await failureOf(client.post("/nodes/pve/qemu", { vmid: 100 }));
    expect(error.message).toContain(other.fingerprint);
    expect(server.bytes()).toBe(before);
  });

  it("is compared anew on each connection: none resumes the session of another", async () => {
    const { server, client } = await start({ kind: "pin", fingerprint: ours.fingerprint }, version);
    for (let nth = 0; nth < 3; nth++) await client.get("/version");
    expect(server.handshakes).toEqual([{ resumed: false }, { resumed: false }, { resumed: false }]);
  });
});

describe("a CA file", () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "infinity-ca-"));
    file = join(folder, "ca.pem");
    writeFileSync(file, ours.cert);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("lets a server answer that it vouches for", async () => {
    const { client } = await start({ kind: "ca", file });
    await expect(client.get("/version")).resolves.toBe(1);
  });

  it("keeps every byte from a server that it doesn't vouch for", async () => {
    const { server, client } = await start({ kind: "ca", file });
    server.renew(other);
    const error = await failureOf(client.get("/version"));
    expect(error.message).toContain("is not trusted");
    expect(server.bytes()).toBe(0);
  });

  it("keeps every byte from a server whose certificate is for another name", async () => {
    const elsewhere = await makeCertificate(["192.168.86.106"]);
    writeFileSync(join(folder, "elsewhere.pem"), elsewhere.cert);
    const { server, client } = await start({ kind: "ca", file: join(folder, "elsewhere.pem") });
    server.renew(elsewhere);
    const error = await failureOf(client.get("/version"));
    expect(error.message).toContain("is for another name");
    expect(server.bytes()).toBe(0);
  });

  it("is asked for by name where it can't be read", () => {
    const missing = join(folder, "missing.pem");
    expect(() => clientOf("https://127.0.0.1:1", { kind: "ca", file: missing })).toThrow(
      `hypervisor.tls.caFile: ${missing}: can't be read (ENOENT)`,
    );
  });
});

describe("the system's authorities", () => {
  it("refuse a self-signed certificate, and the message says how to trust it", async () => {
    const { server, client } = await start({ kind: "system" });
    const error = await failureOf(client.get("/version"));
    expect(error.message).toMatch(/is not trusted .*hypervisor\.tls\.fingerprint.*openssl x509/);
    expect(server.bytes()).toBe(0);
  });

  it("refuse it in an environment that turns verification off, too", async () => {
    const { server } = await start({ kind: "system" });
    // In a process of its own: a test's process.env is a copy that Node itself doesn't read.
    const script = `const { connect } = require("./bin/providers/proxmox/connect.js");
      connect(JSON.parse(process.env.CONNECTION)).get("/version").then(console.log, (error) => console.log(error.message));`;
    const connection = {
      endpoint: server.endpoint,
      trust: { kind: "system" },
      credentials: { kind: "token", token: "root@pam!test=s3cret" },
    };
    const output = await outputOf(script, {
      CONNECTION: JSON.stringify(connection),
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    });
    expect(output).toContain("is not trusted");
    expect(server.bytes()).toBe(0);
  });
});
