/**
 * Who may log in to a guest at all: an account that the house doesn't know is locked. Never removed, and nothing of it is
 * deleted: `usermod -U -e '' NAME` gives it back. One that was there before the house took charge is an error instead.
 */
import { z } from "zod";
import { accounts, openAccounts } from "../accounts";
import { accountName, onGuest, type OnGuest } from "../guest";
import type { Command } from "../bulk";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { run } from "../step";

export interface LoginsSpec extends OnGuest {
  /** Users of the house by log-in name. Root and who logs in here are known anyway. In place. */
  readonly known: readonly string[];
  /** Set by `check`; names of others that may log in: no need to give it. */
  readonly others?: readonly string[];
}

const schema: z.ZodType<LoginsSpec> = z.strictObject({
  ...onGuest,
  known: z.array(accountName),
  others: z.array(z.string()).optional(),
});

/** Names and days of expiry alone: what else stands in that file is nobody's business. */
const EXPIRIES: Command = ["sh", "-c", "getent shadow | cut -d: -f1,8"];

/** Accounts of people, and others with root's rights, that may log in. */
export const loginsLook: readonly [Command, Command] = [["getent", "passwd"], EXPIRIES];

/** @throws Error where the guest doesn't tell */
export function seenLogins([passwd, shadow]: readonly { readonly exitCode: number; readonly stdout: string }[]) {
  if (passwd?.exitCode !== 0 || shadow?.exitCode !== 0 || shadow.stdout === "")
    throw new Error("getent doesn't answer");
  return openAccounts(accounts(passwd.stdout), shadow.stdout, Date.now());
}

/** Those of them that nobody named. */
export const strangers = (open: readonly string[], known: readonly string[]): string[] =>
  open.filter((name) => name !== "root" && !known.includes(name)).sort();

const othersOf = (open: readonly string[], { known, host }: LoginsSpec): string[] =>
  strangers(open, [...known, host.user]);

export const loginsKind: Kind<LoginsSpec, readonly string[]> = {
  noun: "log-ins",
  schema,
  identity: [],
  canonical: ({ known, ...rest }) => ({ ...rest, known: [...new Set(known)].sort(), others: [] }),
  name: () => "logins",
  look: () => loginsLook,
  see: seenLogins,
  live: (open, inputs) => ({ ...inputs, others: othersOf(open, inputs) }),
  steps: (open, wanted, olds) => {
    const others = othersOf(open, wanted);
    if (others.length > 0 && olds === undefined)
      throw new Error(
        `others may log in already: ${others.join(", ")} - name them in users (NAME: {} leaves one as it is), or lock them ` +
          `on the guest: usermod -L -e 1 NAME; nothing was changed`,
      );
    // The expiry closes the way in by a key, too; a log-in that is under way goes on to its end.
    return others.map((name) => run("usermod", "-L", "-e", "1", "--", name));
  },
};

export const lifecycle = guestLifecycle(loginsKind);
