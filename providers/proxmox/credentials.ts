/** Who we are at the API. Pure; no message holds a secret's value. */
import type { Problem } from "../../values/problem";

export type Credentials =
  /** `user@realm!id=secret`, sent with every request. */
  | { readonly kind: "token"; readonly token: string }
  /** A login that gives a ticket for two hours. `user` includes the realm. */
  | { readonly kind: "ticket"; readonly user: string; readonly password: string };

interface LoginSettings {
  readonly apiToken?: string;
  readonly user?: string;
  readonly password?: string;
}

/** A set of values that stand together: all from the environment, or (filled up) from the configuration. */
interface Source extends LoginSettings {
  readonly names: { readonly apiToken: string; readonly user: string; readonly password: string };
}

const ENV_NAMES = { apiToken: "PROXMOX_VE_API_TOKEN", user: "PROXMOX_VE_USERNAME", password: "PROXMOX_VE_PASSWORD" };
const CONFIG_NAMES = { apiToken: "hypervisor.apiToken", user: "hypervisor.user", password: "hypervisor.password" };

/**
 * A token or a login of the environment wins as a whole, so that a leftover token in the configuration doesn't take part;
 * half a login is filled up from the configuration (the user in the stack file, the password in the environment).
 */
export function credentialsFrom(env: NodeJS.ProcessEnv, settings: LoginSettings = {}): Credentials | Problem {
  const apiToken = env.PROXMOX_VE_API_TOKEN ?? "";
  const user = env.PROXMOX_VE_USERNAME ?? "";
  const password = env.PROXMOX_VE_PASSWORD ?? "";
  if (apiToken !== "") return fromSource({ apiToken, password, names: ENV_NAMES });
  if (user === "" && password === "") return fromSource({ ...settings, names: CONFIG_NAMES });
  return fromSource({ user: user || settings.user, password: password || settings.password, names: ENV_NAMES });
}

function fromSource({ apiToken, user, password, names }: Source): Credentials | Problem {
  if (apiToken && password) {
    return { path: names.apiToken, rule: `stands beside ${names.password}`, fix: "remove one of the two" };
  }
  if (apiToken) {
    if (/^[^\s@!=]+@[^\s@!=]+![^\s@!=]+=\S+$/.test(apiToken)) return { kind: "token", token: apiToken };
    const rule = "must have the form user@realm!id=secret";
    return { path: names.apiToken, rule, fix: "join the token's id and its secret by '='" };
  }
  if (!user && !password) {
    return { path: names.apiToken, rule: "credentials are missing", fix: "set an API token, or user and password" };
  }
  if (!user)
    return { path: names.user, rule: "is missing beside the password", fix: "set it with its realm: root@pam" };
  if (!/^\S+@[^\s@]+$/.test(user)) {
    return { path: names.user, value: user, rule: "must name the realm", fix: "write it as root@pam" };
  }
  if (!password) {
    return { path: names.password, rule: `is missing for ${user}`, fix: "set it as a secret, or use an API token" };
  }
  return { kind: "ticket", user, password };
}
