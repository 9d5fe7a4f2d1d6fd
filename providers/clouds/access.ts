/** Where the clouds' APIs are and what they are asked with, as the official providers find it. Pure. */

export type CloudName = "digitalocean" | "cloudflare";

export interface CloudAccess {
  /** Without a slash at the end: `https://api.digitalocean.com`. */
  readonly endpoint: string;
  /** `undefined` where nobody gave one. */
  readonly token: string | undefined;
}

interface Places {
  readonly key: string;
  readonly variables: readonly string[];
}

const PLACES: Readonly<
  Record<CloudName, { readonly token: Places; readonly endpoint: Places; readonly default: string }>
> = {
  digitalocean: {
    token: { key: "digitalocean:token", variables: ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"] },
    endpoint: { key: "digitalocean:apiEndpoint", variables: ["DIGITALOCEAN_API_URL"] },
    default: "https://api.digitalocean.com",
  },
  cloudflare: {
    token: { key: "cloudflare:apiToken", variables: ["CLOUDFLARE_API_TOKEN"] },
    endpoint: { key: "cloudflare:baseUrl", variables: ["CLOUDFLARE_BASE_URL"] },
    default: "https://api.cloudflare.com/client/v4",
  },
};

/** Keys of a stack's configuration that may hold a credential of a cloud. */
export const CLOUD_SECRETS: readonly string[] = Object.values(PLACES).map(({ token }) => token.key);

/** @param config of the stack, secrets in clear; it wins over the environment, as in the providers. */
export function cloudAccess(
  cloud: CloudName,
  config: Readonly<Record<string, string | undefined>>,
  env: NodeJS.ProcessEnv,
): CloudAccess {
  const given = ({ key, variables }: Places): string | undefined =>
    [config[key], ...variables.map((name) => env[name])].find((value) => value !== undefined && value !== "");
  const { token, endpoint, default: fallback } = PLACES[cloud];
  return { endpoint: (given(endpoint) ?? fallback).replace(/\/+$/, ""), token: given(token) };
}

export function missingToken(cloud: CloudName): Error {
  const { key, variables } = PLACES[cloud].token;
  return new Error(`no credential: neither ${key} nor ${variables[0] ?? ""} is set`);
}
