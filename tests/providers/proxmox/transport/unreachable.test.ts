import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isUnreachable } from "../../../../providers/proxmox/classify";
import type { ProxmoxClient, ProxmoxError } from "../../../../providers/proxmox/client";
import { connect } from "../../../../providers/proxmox/connect";
import { ConnectFailure } from "../../../../providers/proxmox/tls";
import { explainSilence } from "../../../../providers/proxmox/unreachable";

let open: (() => void)[] = [];
afterEach(() => {
  for (const close of open) close();
  open = [];
});

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(() => server.close());
  return `https://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
};

const clientAt = (endpoint: string): ProxmoxClient => {
  const credentials = { kind: "token", token: "root@pam!test=s3cret" } as const;
  return connect(
    { endpoint, trust: { kind: "system" }, credentials, rootTicket: false },
    { retry: { attempts: 1 }, transport: { connectTimeoutMs: 300 } },
  );
};

/** Bounded by the test's own time-out. */
async function waitUntil(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await sleep(100);
}

async function failureAt(endpoint: string): Promise<ProxmoxError> {
  const client = clientAt(endpoint);
  try {
    await client.post("/nodes/pve/qemu");
    throw new Error("no error");
  } catch (error) {
    return error as ProxmoxError;
  } finally {
    await client.close();
  }
}

it("says that a port which speaks no TLS may be the wrong one, and that nothing was sent", async () => {
  const error = await failureAt(await listen(createHttpServer()));
  expect(error.message).toMatch(
    /^POST \/nodes\/pve\/qemu: no answer: no TLS connection to 127\.0\.0\.1:\d+ \(.*\) - check that this is/,
  );
  expect(error.noEffect).toBe(true);
});

it("gives up on a host that takes the connection and says nothing", async () => {
  const sockets: Socket[] = [];
  open.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const since = performance.now();
  const error = await failureAt(await listen(createServer((socket) => sockets.push(socket))));
  expect(error.message).toMatch(/can't be reached \(UND_ERR_CONNECT_TIMEOUT\) - check that the node is on/);
  expect(error.noEffect).toBe(true);
  // undici's timers tick every half second.
  expect(performance.now() - since).toBeLessThan(4_000);
});

it("waits for a silent host once, however many requests there are, and asks it again later", async () => {
  const sockets: Socket[] = [];
  open.push(() => {
    for (const socket of sockets) socket.destroy();
  });
  const endpoint = await listen(createServer((socket) => sockets.push(socket)));
  const client = clientAt(endpoint);
  const since = performance.now();
  const answers = await Promise.allSettled(Array.from({ length: 200 }, () => client.get("/version")));
  expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(200);
  // Thirteen rounds of the pool would take twice that.
  expect(performance.now() - since).toBeLessThan(5_000);
  const asked = sockets.length;
  expect(asked).toBeLessThanOrEqual(32);
  await waitUntil(async () => {
    await client.get("/version").catch(() => undefined);
    return sockets.length > asked;
  });
  await client.close();
}, 15_000);

it("takes a connection that drops in the handshake for one on which nothing was sent", async () => {
  const error = await failureAt(await listen(createServer((socket) => socket.destroy())));
  expect(error).toMatchObject({ noEffect: true, status: undefined });
  expect(isUnreachable(error)).toBe(true);
});

const socketError = (code: string, message = code): Error => Object.assign(new Error(message), { code });

it.each([
  ["ENOTFOUND", "unresolved", "pve.lan can't be resolved (ENOTFOUND) - check the name"],
  ["EAI_AGAIN", "unresolved", "pve.lan can't be resolved (EAI_AGAIN) - check the name"],
  ["ECONNREFUSED", "refused", "pve.lan:8006 refuses connections"],
  ["ECONNRESET", "refused", "pve.lan:8006 dropped the connection before it was secure"],
  ["EHOSTUNREACH", "unconnected", "pve.lan:8006 can't be reached (EHOSTUNREACH) - check that the node is on"],
  ["CERT_HAS_EXPIRED", "untrusted", "the certificate of pve.lan:8006 is not trusted"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "untrusted", "the certificate of pve.lan:8006 is for another name"],
])("explains %s before the connection stood as %s, without effect", (code, kind, words) => {
  const silence = explainSilence(new ConnectFailure(socketError(code)), "https://pve.lan:8006");
  expect(silence).toMatchObject({ kind, noEffect: true, text: expect.stringContaining(words) as string });
});

it.each([
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_BODY_TIMEOUT", "timeout"],
  ["UND_ERR_SOCKET", "dropped"],
  ["ECONNRESET", "dropped"],
  ["ECONNREFUSED", "other"],
])("takes %s after the connection stood for %s, which may have had an effect", (code, kind) => {
  expect(explainSilence(socketError(code), "https://pve.lan:8006")).toMatchObject({ kind, noEffect: false });
});
