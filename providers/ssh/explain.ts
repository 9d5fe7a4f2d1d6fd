/** Words for people about a connection that didn't come about: what happened, and what to check. Pure. */
import { HOST_KEY_ALGORITHMS, type HostKeyPin } from "./hostKey";
import { SshError } from "./error";
import { hostKeyName, settingName, targetName, type SshTarget } from "./target";

/** What the SSH client says of where it failed. */
interface ClientError extends NodeJS.ErrnoException {
  readonly level?: string;
}

export interface Explained {
  readonly error: SshError;
  /** Whether it may pass by itself soon: a service that restarts, a server with too many log-ins at once. */
  readonly passing: boolean;
}

const SHOW_KEYS = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";

/** @param cause what the socket or the SSH client threw before the connection was ready. */
export function explain(target: SshTarget, cause: ClientError): Explained {
  if (cause instanceof SshError) return { error: cause, passing: false };
  const { address, port = 22 } = target;
  const at = `${address}:${port}`;
  const say = (kind: SshError["kind"], text: string, advice: string, passing = false): Explained => ({
    error: new SshError({ kind, host: targetName(target), text, advice, noEffect: true }, { cause }),
    passing,
  });
  if (cause.message.includes("Too many authentication failures"))
    return say(
      "denied",
      "the SSH agent offers more keys than the host lets anybody try (MaxAuthTries)",
      `set ${settingName(target, "key")} to the one that lets in, or leave that one alone in the agent (ssh-add -D, then ssh-add KEY)`,
    );
  if (cause.level === "client-authentication" && target.auth.kind === "agent")
    return say(
      "denied",
      `the host doesn't let ${target.user} in with any key of the SSH agent`,
      `check them with ssh-add -l, and ${settingName(target, "user")}; or set ${settingName(target, "key")}`,
    );
  if (cause.level === "client-authentication")
    return say(
      "denied",
      `the host doesn't let ${target.user} in with this key`,
      `check ${settingName(target, "user")} and ${settingName(target, "key")}; on the host the public key is a line of that user's ~/.ssh/authorized_keys`,
    );
  if (cause.level === "agent") return say("denied", `the SSH agent: ${cause.message}`, "check it with ssh-add -l");
  switch (cause.code) {
    case "ECONNREFUSED":
      return say(
        "unreachable",
        `${at} refuses connections (${cause.code})`,
        "check address and port, and on the host: systemctl status ssh",
        true,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return say(
        "unreachable",
        `${address} can't be resolved (${cause.code})`,
        "check the name and this machine's DNS",
        cause.code === "EAI_AGAIN",
      );
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "EHOSTDOWN":
    case "ENETUNREACH":
      return say(
        "unreachable",
        `${at} can't be reached (${cause.code})`,
        "check that the host is on and that this machine has a way to its network",
      );
    default:
  }
  if (cause.level === "client-timeout")
    return say(
      "unreachable",
      `${at} didn't finish the log-in in time`,
      "check the host's load, and that this is its SSH port",
    );
  // sshd drops a connection before its greeting where too many wait for their log-in (MaxStartups).
  const early = cause.code === "ECONNRESET" || cause.message.includes("before handshake");
  return say(
    "unreachable",
    `no SSH connection to ${at} (${cause.message.trim()})`,
    "check that this is its SSH port",
    early || cause.code === "EPIPE",
  );
}

/** A server of long ago: it has an RSA key alone, and signs with SHA-1, which is believed by nobody any more. */
export function noKnownHostKey(target: SshTarget): SshError {
  const known = Object.values(HOST_KEY_ALGORITHMS).flat().join(", ");
  return new SshError({
    kind: "host-key",
    host: targetName(target),
    text: `the host shows no host key of a kind known here (${known}); nothing was sent`,
    advice: "update its SSH server, or give it an Ed25519 key there: ssh-keygen -A, then systemctl restart ssh",
    noEffect: true,
  });
}

/** @param presented fingerprint of the key that the host shows. */
export function hostKeyMissing(target: SshTarget, presented: string): SshError {
  return new SshError({
    kind: "host-key",
    host: targetName(target),
    text: `its host key is ${presented}, and ${hostKeyName(target)} is not set; nothing was sent`,
    advice: `compare with what the host itself prints (${SHOW_KEYS}), and set ${hostKeyName(target)} to it`,
    noEffect: true,
  });
}

/** @param presented fingerprint of the key that the host shows; `undefined` where it has none of the pinned kind. */
export function otherHostKey(target: SshTarget, pin: HostKeyPin, presented: string | undefined): SshError {
  const shows =
    presented === undefined ? `the host shows no ${pin.kind ?? "known"} key` : `the host's key is ${presented}`;
  return new SshError({
    kind: "host-key",
    host: targetName(target),
    text: `${shows}, pinned is ${pin.fingerprint}; nothing was sent`,
    advice: `compare with what the host itself prints (${SHOW_KEYS}): where that is the new one, set ${hostKeyName(target)} to it; otherwise another machine answers in its place`,
    noEffect: true,
  });
}
