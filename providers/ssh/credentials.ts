/** What a target's key or agent is to the SSH client. Reads the key's file; no message holds a key or a passphrase. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { SshError } from "./error";
import { settingName, targetName, type SshTarget } from "./target";

export type ClientCredentials =
  { readonly privateKey: string; readonly passphrase?: string } | { readonly agent: string };

/** @throws SshError of kind `target`: nothing was sent. */
export function credentialsOf(target: SshTarget): ClientCredentials {
  const { auth } = target;
  switch (auth.kind) {
    case "key":
      return usable(target, auth.text, auth.passphrase);
    case "keyFile":
      return usable(target, readKey(target, auth.path), auth.passphrase);
    case "agent": {
      const agent = auth.socket ?? process.env.SSH_AUTH_SOCK;
      if (agent !== undefined && agent !== "") return { agent };
      throw unusable(
        target,
        "no SSH agent runs here",
        `set ${settingName(target, "key")}, or start one (SSH_AUTH_SOCK)`,
      );
    }
  }
}

const unusable = (target: SshTarget, text: string, advice: string, cause?: unknown): SshError =>
  new SshError({ kind: "target", host: targetName(target), text, advice, noEffect: true }, { cause });

function readKey(target: SshTarget, path: string): string {
  const file = path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "error";
    throw unusable(target, `its key ${path} can't be read (${code})`, `correct ${settingName(target, "key")}`, error);
  }
}

function usable(target: SshTarget, privateKey: string, passphrase?: string): ClientCredentials {
  const parsed = utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) {
    const locked = /encrypted|passphrase|decrypt|integrity/i.test(parsed.message);
    const advice = locked
      ? `set ${settingName(target, "passphrase")} to the one it was made with, or use an agent`
      : `${settingName(target, "key")} is a private key in OpenSSH's form, as ssh-keygen -t ed25519 makes it`;
    throw unusable(target, `its key can't be used: ${parsed.message}`, advice);
  }
  if (!parsed.isPrivateKey())
    throw unusable(target, "its key is a public one", `set ${settingName(target, "key")} to the private key`);
  return { privateKey, ...(passphrase !== undefined && { passphrase }) };
}
