/** What sshd makes of all its files for one who logs in, as it says so itself. Pure. */
import { isIP } from "node:net";

/** Who is asked about, and where: a neighbour's log-in, so that what is said of the guest's own network counts. */
export interface LogIn {
  readonly user: string;
  /** Of the guest: a dotted address, or a name. */
  readonly address: string;
}

/**
 * For `sshd -T -C`. Every word that a Match block may ask for: without one of them sshd refuses to answer at all
 * (servconf.c, match_test_missing_fatal).
 */
export function connectionOf({ user, address }: LogIn): string {
  const at = isIP(address) === 0 ? "127.0.0.1" : address;
  return `user=${user},host=${at},addr=${at},laddr=${at},lport=22`;
}
