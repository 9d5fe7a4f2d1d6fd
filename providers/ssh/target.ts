/** Which host, as whom, and what proves that it is the one. Types, and how it is named. Pure. */

export type SshAuth =
  /** A private key in OpenSSH's or PEM form: its text, or the file it is in (`~/` is this user's home). */
  | { readonly kind: "key"; readonly text: string; readonly passphrase?: string }
  | { readonly kind: "keyFile"; readonly path: string; readonly passphrase?: string }
  /** Keys of an SSH agent. @default socket: `SSH_AUTH_SOCK` */
  | { readonly kind: "agent"; readonly socket?: string };

export interface SshTarget {
  /** Name or address. */
  readonly address: string;
  /** @default 22 */
  readonly port?: number;
  readonly user: string;
  readonly auth: SshAuth;
  /**
   * The host's key: `SHA256:...`, or the public key itself (`ssh-ed25519 AAAA...`). Left out: the first one seen counts
   * for this process, and `Host.hostKey` hands it back to be kept.
   */
  readonly hostKey?: string;
  /** It has to be given: nobody keeps the first one seen, and each process would trust another. @default false */
  readonly hostKeyRequired?: boolean;
  /** Host to go through, as by `ssh -J`; has its own key, user and host key. */
  readonly jump?: SshTarget;
  /** Where the house says all this, for messages: `hypervisor.ssh`. */
  readonly setting?: string;
  /** Where its host key is said, where that is elsewhere: `vms.emby.guest.hostKey`. @default hostKey of the setting */
  readonly hostKeySetting?: string;
  /** Those of them that stand elsewhere, by name: `user` is `vms.emby.guest.user`. */
  readonly elsewhere?: Readonly<Record<string, string>>;
}

/** `root@192.168.86.106`, with the port where it isn't 22. */
export function targetName({ address, port = 22, user }: SshTarget): string {
  const host = address.includes(":") && port !== 22 ? `[${address}]` : address;
  return `${user}@${host}${port === 22 ? "" : `:${port}`}`;
}

/** The name of one of its settings in a message: `hypervisor.ssh.hostKey`. */
export const settingName = ({ setting, elsewhere }: SshTarget, name: string): string =>
  elsewhere?.[name] ?? (setting === undefined ? `the ${name}` : `${setting}.${name}`);

/** The same, of its host key. */
export const hostKeyName = (target: SshTarget): string => target.hostKeySetting ?? settingName(target, "hostKey");
