/**
 * Whether the house's Proxmox can be worked with: reached, the right certificate, its clock, the credential, the node;
 * then what the house uses there. Sends nothing but GET, the login aside.
 */
import { Pool } from "undici";
import type { House } from "../../house/schema";
import { ProxmoxError, type ProxmoxClient } from "../../providers/proxmox/client";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom, type Connection } from "../../providers/proxmox/connection";
import { greet, type Greeting } from "../../providers/proxmox/greet";
import { connectorFor } from "../../providers/proxmox/tls";
import { checkPlaces } from "./placeChecks";
import { checkPrivileges } from "./privilegeChecks";
import { about, inParts, messageOf, type Finding } from "./report";

const say = about("Proxmox");

export interface ProxmoxChecks {
  readonly stack: string;
  readonly house: House;
  /** What the engine would hand to a provider process. */
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds for each thing that is asked. @default 8 000 */
  readonly timeoutMs?: number;
}

/** What is asked only once the house's Proxmox is known to be the one that answers, and lets us in. */
const INSIDE = ["credential", "node", "privileges", "storages", "bridges"];

const untried = (whats: readonly string[], why: string): Finding[] => whats.map((what) => say.untried(what, why));

export async function checkProxmox(asked: ProxmoxChecks): Promise<Finding[]> {
  const { env, timeoutMs = 8_000 } = asked;
  let connection: Connection;
  try {
    connection = connectionFrom(env);
  } catch (error) {
    const fix = `npx infinity bootstrap --stack ${asked.stack} makes a token; docs/access.md`;
    return [
      say.wrong("connection", messageOf(error), fix),
      ...untried(["certificate", ...INSIDE], "needs the connection"),
    ];
  }
  const { endpoint } = connection;
  const greeting = await greet(endpoint, timeoutMs).catch(messageOf);
  if (typeof greeting === "string") {
    const { detail, fix } = inParts(greeting, "check hypervisor.address or endpoint");
    return [say.wrong("endpoint", detail, fix), ...untried(["certificate", ...INSIDE], "needs an answer")];
  }
  const found = [say.fine("endpoint", `${endpoint} answers`)];
  const certificate = certificateFinding(connection, greeting);
  if (certificate.result === "wrong")
    return [...found, certificate, ...untried(INSIDE, "nothing is sent to another server")];

  const transport = { connectTimeoutMs: timeoutMs, answerTimeoutMs: timeoutMs, connections: 8 };
  const client = connect(connection, { transport, retry: { attempts: 1 } });
  try {
    const [clock, inside] = await Promise.all([
      clockFinding(connection, timeoutMs),
      checkInside(asked, client, connection),
    ]);
    return [...found, certificate, ...clock, ...inside];
  } finally {
    await client.close();
  }
}

function certificateFinding({ trust }: Connection, { fingerprint, trusted, validTo }: Greeting): Finding {
  const until = `until ${validTo.toISOString().slice(0, 10)}`;
  switch (trust.kind) {
    case "pin":
      return trust.fingerprint === fingerprint
        ? say.fine("certificate", `is the pinned one, ${until}`)
        : say.wrong("certificate", `shows ${fingerprint}, pinned is ${trust.fingerprint}`, PIN_FIX);
    case "ca":
      // The first request verifies it.
      return say.fine("certificate", `is the CA's to vouch for (${trust.file}), ${until}`);
    case "system":
      return trusted
        ? say.fine("certificate", `the system's CAs vouch for it, ${until}`)
        : say.wrong("certificate", `shows ${fingerprint}, which no CA of the system vouches for`, PIN_FIX);
  }
}

const PIN_FIX =
  "compare it with what the node prints (openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem); where it is the same, set hypervisor.tls.fingerprint to it";

/** Seconds: a ticket from the future is refused beyond 300. */
const SKEW = { note: 30, wrong: 240 };

/** The `Date` of an answer that takes no credential. What can't be had is no finding: the other checks say why. */
async function clockFinding({ endpoint, trust }: Connection, timeoutMs: number): Promise<Finding[]> {
  const pool = new Pool(endpoint, { connect: connectorFor(trust, timeoutMs), headersTimeout: timeoutMs });
  try {
    const { headers, body } = await pool.request({ method: "GET", path: "/api2/json/access/ticket" });
    await body.dump();
    const time = Date.parse(String(headers.date));
    if (Number.isNaN(time)) return [];
    const seconds = Math.round((time - Date.now()) / 1000);
    const said = `${Math.abs(seconds)} s ${seconds < 0 ? "behind" : "ahead of"} this machine's`;
    if (Math.abs(seconds) < SKEW.note) return [say.fine("clock", "agrees with this machine's")];
    const fix = "set the clock that is wrong: `timedatectl` on both says whether NTP is at work";
    return [Math.abs(seconds) < SKEW.wrong ? say.note("clock", said, fix) : say.wrong("clock", said, fix)];
  } catch {
    return [];
  } finally {
    await pool.close();
  }
}

/** The version that the API is known by. */
const KNOWN = "8.";

async function checkInside(asked: ProxmoxChecks, client: ProxmoxClient, connection: Connection): Promise<Finding[]> {
  const version = await client.get<{ version: string }>("/version").catch((error: unknown) => error);
  if (!isVersion(version))
    return [refused(asked, connection, version), ...untried(INSIDE.slice(1), "needs to be let in")];
  const findings = [
    say.fine("credential", who(connection)),
    version.version.startsWith(KNOWN)
      ? say.fine("version", version.version)
      : say.note("version", `${version.version}; this program was held against 8.4`),
  ];
  const node = await nodeFinding(asked.house, client);
  if (node.result !== "fine") return [...findings, node, ...untried(INSIDE.slice(2), "needs the node")];
  const more = await Promise.all([checkPrivileges(asked, client, connection), checkPlaces(asked.house, client)]);
  return [...findings, node, ...more.flat()];
}

const isVersion = (answer: unknown): answer is { readonly version: string } =>
  typeof answer === "object" && answer !== null && !(answer instanceof Error) && "version" in answer;

function refused({ stack }: ProxmoxChecks, connection: Connection, error: unknown): Finding {
  if (error instanceof ProxmoxError && error.status === 401) {
    const login = connection.credentials.kind === "ticket";
    const fix = login
      ? "set the right password as a secret: hypervisor.password"
      : `npx infinity bootstrap --stack ${stack} --new-token makes another`;
    return say.wrong("credential", `${who(connection)}: ${error.text}`, fix);
  }
  const { detail, fix } = inParts(messageOf(error), "try again; on the node: journalctl -u pveproxy -u pvedaemon");
  return say.wrong("credential", detail, fix);
}

const who = ({ credentials }: Connection): string =>
  credentials.kind === "token"
    ? `token ${credentials.token.slice(0, credentials.token.indexOf("="))}`
    : `login ${credentials.user}`;

async function nodeFinding({ hypervisor }: House, client: ProxmoxClient): Promise<Finding> {
  try {
    const nodes = (await client.get<{ node: string; status?: string }[]>("/nodes")).map(({ node }) => node);
    return nodes.includes(hypervisor.node)
      ? say.fine("node", hypervisor.node)
      : say.wrong("node", `there is no ${hypervisor.node}`, `set hypervisor.node to one of: ${nodes.join(", ")}`);
  } catch (error) {
    const { detail, fix } = inParts(messageOf(error), "try again");
    return say.wrong("node", detail, fix);
  }
}
