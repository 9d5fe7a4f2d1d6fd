/**
 * What a recorded kind of credentials looks like on the wire, right ones and wrong ones. Remembers the live tickets
 * that logins got; touches nothing else.
 */
import type { OutgoingHttpHeaders } from "node:http";
import type { Exchange, Json } from "./exchange";
import type { World } from "../../../lab/proxmox/world";
import { isEntry } from "./canonical";

/** Secrets the recordings' node starts with. */
export interface Secrets {
  /** The token `root@pam!test`'s. */
  readonly token: string;
  readonly rootPassword: string;
}

interface Ticket {
  readonly ticket: string;
  readonly csrf: string;
}

const uuid = "00000000-0000-4000-8000-000000000000";

export class Credentials {
  private readonly tickets = new Map<string, Ticket>();

  /** @param world where tokens that came later are looked up */
  constructor(
    private readonly secrets: Secrets,
    private readonly world?: Pick<World, "tokens">,
  ) {}

  /** The headers of a kind of credentials, or `undefined` where nobody has given them out here. */
  headers(auth: string, method: string): OutgoingHttpHeaders | undefined {
    if (auth.startsWith("ticket:")) return this.cookie(auth.slice("ticket:".length), method !== "GET");
    if (auth === "nocsrf") return this.cookie("root@pam", false);
    return this.fixed()[auth];
  }

  /** Takes the ticket out of a login's answer. */
  learn(exchange: Pick<Exchange, "method" | "path">, body: Json): void {
    if (exchange.method !== "POST" || exchange.path !== "/access/ticket" || !isEntry(body)) return;
    const data = body.data ?? null;
    if (!isEntry(data) || typeof data.username !== "string" || typeof data.ticket !== "string") return;
    const csrf = typeof data.CSRFPreventionToken === "string" ? data.CSRFPreventionToken : "";
    this.tickets.set(data.username, { ticket: data.ticket, csrf });
  }

  private cookie(user: string, withCsrf: boolean): OutgoingHttpHeaders | undefined {
    const known = this.tickets.get(user);
    if (known === undefined) return undefined;
    const cookie = { Cookie: `PVEAuthCookie=${encodeURIComponent(known.ticket)}` };
    return withCsrf ? { ...cookie, CSRFPreventionToken: known.csrf } : cookie;
  }

  private fixed(): Readonly<Record<string, OutgoingHttpHeaders>> {
    const token = (text: string): OutgoingHttpHeaders => ({ Authorization: `PVEAPIToken=${text}` });
    const basic = Buffer.from(`root@pam:${this.secrets.rootPassword}`).toString("base64");
    return {
      none: {},
      token: token(`root@pam!test=${this.secrets.token}`),
      badtoken: token(`root@pam!test=${uuid}`),
      nosuch: token(`root@pam!nosuch=${uuid}`),
      shortid: token(`root@pam!t=${uuid}`),
      malformed: token("malformed"),
      nouser: token(`bob@pve!full=${uuid}`),
      bob: token(`bob@pve!full=${this.world?.tokens["bob@pve!full"]?.secret ?? uuid}`),
      bobsep: token(`bob@pve!sep=${this.world?.tokens["bob@pve!sep"]?.secret ?? uuid}`),
      dis: token(`dis@pve!tok=${this.world?.tokens["dis@pve!tok"]?.secret ?? uuid}`),
      basic: { Authorization: `Basic ${basic}` },
      badcookie: { Cookie: "PVEAuthCookie=PVE%3Aroot%40pam%3A00000000%3A%3AAAAA" },
    };
  }
}
