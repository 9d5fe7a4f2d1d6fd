/** Public keys that a target's log-in is tried with: of its private key, or of every key that the agent has. Asks the agent. */
import { createAgent, utils, type ParsedKey } from "ssh2";
import { credentialsOf } from "./credentials";
import { SshError } from "./error";
import { targetName, type SshTarget } from "./target";

/** `ssh-ed25519 AAAA...`, without a comment. */
const lineOf = (key: ParsedKey): string => `${key.type} ${key.getPublicSSH().toString("base64")}`;

function parsed(text: string, passphrase?: string): ParsedKey {
  const key = utils.parseKey(text, passphrase);
  if (key instanceof Error) throw key;
  return key;
}

/** @throws SshError where there is no usable key, or the agent doesn't answer */
export async function ownKeys(target: SshTarget): Promise<readonly string[]> {
  const credentials = credentialsOf(target);
  if ("privateKey" in credentials) return [lineOf(parsed(credentials.privateKey, credentials.passphrase))];
  const keys = await new Promise<readonly unknown[]>((resolve, reject) => {
    createAgent(credentials.agent).getIdentities((error, found = []) => {
      if (error) {
        const fields = { kind: "target", host: targetName(target), noEffect: true } as const;
        reject(new SshError({ ...fields, text: `the SSH agent doesn't say which keys it has: ${error.message}` }));
      } else resolve(found);
    });
  });
  return keys.map((key) => lineOf(key as ParsedKey));
}
