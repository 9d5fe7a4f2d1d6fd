/** Which values of the house may be shown. What is, or could have been pasted in place of, a secret never is. Pure. */

/** Values below these keys are never shown: a secret ends up in its neighbours when one pastes in a hurry. */
const HIDDEN = new Set([
  ...["apiToken", "key", "keys", "passphrase", "password", "secrets", "secure", "sshKeys"],
  ...["user", "userData"],
]);

const SECRETS = new Set(["apiToken", "key", "passphrase", "password", "secrets", "secure"]);

const LONGEST = 80;

/** Every secret of the sections, in clear as it is there. */
function secretsIn(value: unknown, secret = false): string[] {
  if (typeof value === "string") return secret && value.length > 0 ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => secretsIn(item, secret || SECRETS.has(key)));
}

const kind = (value: object | null): string => (value === null ? "nothing" : Array.isArray(value) ? "a list" : "a map");

/**
 * The text of a value for a message; `undefined` where it must not be shown.
 * @param raw all sections: a text that holds one of their secrets is hidden wherever it stands.
 */
export function shown(raw: unknown, path: readonly PropertyKey[], value: unknown): string | undefined {
  if (value === undefined || path.some((key) => HIDDEN.has(String(key)))) return undefined;
  if (typeof value === "object") return kind(value);
  if (typeof value !== "string") return JSON.stringify(value);
  // An endpoint with a user in it has a password in it.
  if (path[0] === "hypervisor" && /[@=]/.test(value)) return undefined;
  if (secretsIn(raw).some((secret) => value.includes(secret))) return undefined;
  return value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value;
}
