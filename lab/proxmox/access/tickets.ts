/** Tickets and CSRF tokens: signed with a key of this server, valid for two hours. Uses the clock it is given. */
import { createHmac, timingSafeEqual } from "node:crypto";

const LIFETIME_S = 2 * 60 * 60;

export class Tickets {
  /** @param key secret of this lab; @param now unix seconds */
  constructor(
    private readonly key: string,
    readonly now: () => number,
  ) {}

  issue(user: string): { readonly ticket: string; readonly csrf: string } {
    const stamp = this.now().toString(16).toUpperCase();
    return {
      ticket: `PVE:${user}:${stamp}::${this.sign(`PVE:${user}:${stamp}`)}`,
      csrf: `${stamp}:${this.sign(`CSRF:${user}:${stamp}`)}`,
    };
  }

  /** What stands in a ticket's place until the second factor is given. */
  challenge(user: string): string {
    const stamp = this.now().toString(16).toUpperCase();
    return `PVE:!tfa!${user}:${stamp}::${this.sign(`TFA:${user}:${stamp}`)}`;
  }

  /** Who was asked for the second factor; `undefined` as for a ticket. */
  challengedBy(ticket: string): string | undefined {
    const [, user = "", stamp = "", signature = ""] = /^PVE:!tfa!([^:]+):([0-9A-F]+)::(.+)$/.exec(ticket) ?? [];
    return this.isFresh(stamp) && this.matches(`TFA:${user}:${stamp}`, signature) ? user : undefined;
  }

  /** Whose ticket it is; `undefined` where it is forged, malformed or too old. */
  userOf(ticket: string): string | undefined {
    const match = /^PVE:([^:]+):([0-9A-F]+)::(.+)$/.exec(ticket);
    if (!match) return undefined;
    const [, user = "", stamp = "", signature = ""] = match;
    return this.isFresh(stamp) && this.matches(`PVE:${user}:${stamp}`, signature) ? user : undefined;
  }

  isCsrfOf(csrf: string, user: string): boolean {
    const [stamp = "", signature = ""] = csrf.split(":");
    return this.isFresh(stamp) && this.matches(`CSRF:${user}:${stamp}`, signature);
  }

  private isFresh(stamp: string): boolean {
    const age = this.now() - parseInt(stamp, 16);
    return age >= -300 && age < LIFETIME_S;
  }

  private sign(text: string): string {
    return createHmac("sha256", this.key).update(text).digest("base64").replace(/=+$/, "");
  }

  private matches(text: string, signature: string): boolean {
    const expected = Buffer.from(this.sign(text));
    const given = Buffer.from(signature);
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}
