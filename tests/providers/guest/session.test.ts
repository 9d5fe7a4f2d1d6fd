/** The proof that one is still let in: it outlasts a server that takes up its files, and no more than that. */
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { newKey } from "../../../lab/ssh/keys";
import { freshLogin } from "../../../providers/guest/session";
import { openGuest, type TestGuest } from "./guest";

let guest: TestGuest;
let server: Server;
let connections: number;
/** How many connections are reset before the guest is there. */
let absent: number;

beforeEach(async () => {
  guest = await openGuest();
  [connections, absent] = [0, 0];
  server = createServer((near) => {
    near.on("error", () => undefined);
    connections += 1;
    if (connections <= absent) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(guest.port, "127.0.0.1");
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});

afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  await guest.end();
});

const login = (key?: string): Promise<void> => {
  const auth = key === undefined ? guest.target.auth : ({ kind: "key", text: key } as const);
  return freshLogin({ ...guest.target, auth, port: (server.address() as AddressInfo).port }, { firstDelayMs: 1 });
};

test("a server that is away for a moment is waited for", async () => {
  absent = 5;
  await login();
  expect(connections).toBe(6);
});

test("one that stays away is given up on", async () => {
  absent = Number.POSITIVE_INFINITY;
  await expect(login()).rejects.toThrow("no SSH connection");
  expect(connections).toBe(7);
});

test("a key that is refused is told at once", async () => {
  await expect(login(newKey().private)).rejects.toThrow("doesn't let evan in with this key");
  expect(connections).toBe(1);
});
