/** Log-ins by the keys of an SSH agent: a real agent socket, of which nothing but its protocol is known. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentProtocol, utils, type ParsedKey } from "ssh2";
import { newKey } from "../../../lab/ssh/keys";
import { explain } from "../../../providers/ssh/explain";
import { openBench, type Bench } from "./host";

let bench: Bench;
let folder: string;
let socket: string;
let agent: Server;
let keys: ParsedKey[];

const parsed = (text: string): ParsedKey => {
  const key = utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
};

beforeEach(async () => {
  bench = await openBench({ forwards: true });
  folder = mkdtempSync(join(tmpdir(), "infinity-agent-"));
  [socket, keys] = [join(folder, "agent"), []];
  agent = createServer((connection) => {
    const protocol = new AgentProtocol(false);
    protocol.on("identities", (request) => {
      protocol.getIdentitiesReply(request, keys);
    });
    protocol.on("sign", (request, publicKey, data, { hash }) => {
      const asked = parsed((publicKey as ParsedKey).getPublicPEM?.() ?? "").getPublicSSH();
      const signature = keys.find((key) => key.getPublicSSH().equals(asked))?.sign(data, hash);
      if (Buffer.isBuffer(signature)) protocol.signReply(request, signature);
      else protocol.failureReply(request);
    });
    connection.on("error", () => undefined);
    connection.pipe(protocol).pipe(connection);
  });
  await new Promise<void>((listening) => agent.listen(socket, listening));
});

afterEach(async () => {
  await new Promise((closed) => agent.close(closed));
  rmSync(folder, { recursive: true, force: true });
  await bench.close();
});

const auth = () => ({ kind: "agent", socket }) as const;

const own = (): string => (bench.target.auth.kind === "key" ? bench.target.auth.text : "");

test("the one that lets in is found among others, also on the way through another host", async () => {
  keys = [newKey().private, newKey().private, own()].map(parsed);
  await expect(bench.connect({ auth: auth() }).run(["count"])).resolves.toMatchObject({ exitCode: 0 });
  const jump = { ...bench.target, auth: auth() };
  await expect(bench.connect({ auth: auth(), jump }).run(["count"])).resolves.toMatchObject({ exitCode: 0 });
});

test("where none does, the agent is named and not a key", async () => {
  for (const given of [[], [parsed(newKey().private)]]) {
    keys = given;
    const refused = bench.connect({ auth: auth() }).run(["count"]);
    await expect(refused).rejects.toMatchObject({ kind: "denied", noEffect: true });
    await expect(refused).rejects.toThrow(/root in with any key of the SSH agent - check them with ssh-add -l/);
  }
});

test("more keys than the host lets anybody try are told as that", () => {
  // OpenSSH's own words.
  const { error, passing } = explain({ ...bench.target, auth: auth() }, new Error("Too many authentication failures"));
  expect([error.kind, passing]).toEqual(["denied", false]);
  expect(error.message).toContain("more keys than the host lets anybody try (MaxAuthTries) - set hypervisor.ssh.key");
});
