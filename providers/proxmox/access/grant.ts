/** What a token of this program is in Proxmox: a user of its own, a role with exactly what it may, at the root. Types. */

export interface Grant {
  /** `infinity@pve`: of Proxmox's own realm, without a password, so that nobody can log in as it. */
  readonly user: string;
  /** Behind the `!`: `home`. */
  readonly token: string;
  readonly role: string;
  readonly privileges: readonly string[];
}

/** The one path that the role is given at; it holds everywhere below. */
export const GRANT_PATH = "/";

export const tokenId = ({ user, token }: Grant): string => `${user}!${token}`;
