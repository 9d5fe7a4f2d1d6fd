import { connect } from "../../../../providers/proxmox/connect";
import type { ProxmoxClient } from "../../../../providers/proxmox/client";
import { startServer, type Heard, type Reply, type TestServer } from "./server";

const LOGIN = { kind: "ticket", user: "root@pam", password: "p@ss=w+rd" } as const;
const HOUR = 3_600_000;

let time = 0;
let open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open) await each.close();
  open = [];
  time = 0;
});

const isLogin = ({ path }: Heard): boolean => path === "/access/ticket";

/** Gives out `PVE:t1`, `PVE:t2`, ...; what else is asked is `answer`'s. */
async function start(
  answer: (request: Heard) => Reply,
): Promise<{ client: ProxmoxClient; server: TestServer; logins: () => number }> {
  let logins = 0;
  const server = await startServer((request) => {
    if (!isLogin(request)) return answer(request);
    logins += 1;
    const nth = String(logins);
    return { data: { ticket: `PVE:t${nth}==`, CSRFPreventionToken: `csrf${nth}`, username: "root@pam" } };
  }, LOGIN);
  const client = connect(server.connection, { now: () => time, retry: { firstDelayMs: 1 } });
  open.push(client, server);
  return { client, server, logins: () => logins };
}

const ticketOf = ({ headers }: Heard): string =>
  decodeURIComponent(headers.cookie?.replace("PVEAuthCookie=", "") ?? "");

it("logs in once, and sends the ticket with every request and the CSRF token with changes only", async () => {
  const { client, server, logins } = await start(() => ({ data: null }));
  await client.get("/version");
  await client.post("/nodes/pve/qemu");
  await client.delete("/nodes/pve/qemu/100");
  const [login, ...requests] = server.heard;
  expect(login?.body).toBe("username=root%40pam&password=p%40ss%3Dw%2Brd");
  expect(requests.map(ticketOf)).toEqual(["PVE:t1==", "PVE:t1==", "PVE:t1=="]);
  expect(requests.map(({ headers }) => headers.csrfpreventiontoken)).toEqual([undefined, "csrf1", "csrf1"]);
  expect(logins()).toBe(1);
});

it("shares one login among calls side by side", async () => {
  const { client, logins } = await start(() => ({ data: 1 }));
  await Promise.all(Array.from({ length: 20 }, () => client.get("/version")));
  expect(logins()).toBe(1);
});

it("renews the ticket before its two hours are over, once for all who ask", async () => {
  const { client, server, logins } = await start(() => ({ data: 1 }));
  await client.get("/version");
  time = 1.7 * HOUR;
  await client.get("/version");
  expect(logins()).toBe(1);
  time = 1.8 * HOUR;
  await Promise.all(Array.from({ length: 8 }, () => client.get("/version")));
  expect(logins()).toBe(2);
  expect(server.heard.slice(-8).map(ticketOf)).toEqual(Array.from({ length: 8 }, () => "PVE:t2=="));
});

it("logs in again where the server no longer takes the ticket, and repeats the change once", async () => {
  const { client, server, logins } = await start((request) =>
    ticketOf(request) === "PVE:t1=="
      ? { status: 401, reason: "permission denied - invalid PVE ticket" }
      : { data: "done" },
  );
  const answers = await Promise.all([client.post("/a"), client.post("/b"), client.post("/c")]);
  expect(answers).toEqual(["done", "done", "done"]);
  expect(logins()).toBe(2);
  expect(server.heard.filter((request) => !isLogin(request) && ticketOf(request) === "PVE:t2==")).toHaveLength(3);
});

it("gives up where a new ticket is refused as well, and says what to check", async () => {
  const { client, logins } = await start(() => ({ status: 401, reason: "Permission denied - invalid csrf token" }));
  const error = client.put("/a");
  await expect(error).rejects.toMatchObject({ status: 401, noEffect: true });
  await expect(error).rejects.toThrow(/invalid csrf token - check user root@pam and its password/);
  expect(logins()).toBe(2);
});

it("doesn't repeat a refused login, which would lock the account", async () => {
  const body = JSON.stringify({ data: null, message: "authentication failure\n" });
  const server = await startServer(() => ({ status: 401, reason: "authentication failure", body }), LOGIN);
  const client = connect(server.connection);
  open.push(client, server);
  await Promise.allSettled([client.get("/a"), client.get("/b")]);
  const error = client.get("/c");
  await expect(error).rejects.toThrow(/POST \/access\/ticket: 401: authentication failure - check user root@pam/);
  await expect(error).rejects.not.toThrow(LOGIN.password);
  expect(server.heard).toHaveLength(1);
});

it("tries a login again that failed for another reason", async () => {
  let up = false;
  const server = await startServer((request) => {
    if (!up) return { status: 500, reason: "starting" };
    return isLogin(request) ? { data: { ticket: "PVE:t", CSRFPreventionToken: "c" } } : { data: 1 };
  }, LOGIN);
  const client = connect(server.connection);
  open.push(client, server);
  await expect(client.get("/version")).rejects.toMatchObject({ status: 500 });
  up = true;
  await expect(client.get("/version")).resolves.toBe(1);
});

it("says that a second factor can't be given", async () => {
  const server = await startServer(
    () => ({ data: { ticket: "PVE:!tfa!", CSRFPreventionToken: "c", NeedTFA: 1 } }),
    LOGIN,
  );
  const client = connect(server.connection);
  open.push(client, server);
  await expect(client.get("/version")).rejects.toThrow(/second factor.* - .*API token/);
});
