/** What the house wants in the clouds: its tunnel's server and its names, as far as they are known. Pure. */
import type { Problem } from "../values/problem";
import { tunnelName } from "./addresses";
import type { Draft, House } from "./schema";

type Tunnel = NonNullable<House["tunnel"]>;
type Droplet = NonNullable<Tunnel["droplet"]>;

/** A droplet with everything that it takes to make it. */
export type KnownDroplet = Omit<Droplet, "name"> & {
  readonly name: string;
  readonly size: string;
  readonly region: string;
  readonly image: string;
  readonly sshKeys: readonly string[];
};

/** The tunnel's server as a droplet; `undefined` where the house says too little to make one. */
export function knownDroplet(house: House): KnownDroplet | undefined {
  const droplet = house.tunnel?.droplet;
  const { size, region, image, sshKeys, name = tunnelName(house) } = droplet ?? {};
  if (!droplet || !size || !region || !image || !sshKeys || !name) return undefined;
  return { ...droplet, name, size, region, image, sshKeys };
}

export interface WantedName {
  /** Below the domain; `@` is the domain itself. */
  readonly label: string;
  /** `emby.infinity-node.com` */
  readonly name: string;
}

/** The domain, the tunnel's own name, and one for each exposed service; each once. */
export function wantedNames(house: Draft): WantedName[] {
  const { domain, tunnel } = house;
  if (domain === undefined || !tunnel) return [];
  const labels = new Set(["@", tunnel.endpoint, ...Object.keys(tunnel.exposed ?? {})]);
  return [...labels].map((label) => ({ label, name: label === "@" ? domain : `${label}.${domain}` }));
}

/** Where a provider finds its credential besides the stack's configuration. */
const CREDENTIALS = [
  { key: "digitalocean:token", variables: ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"], for: "tunnel.droplet" },
  { key: "cloudflare:apiToken", variables: ["CLOUDFLARE_API_TOKEN"], for: "tunnel.zone" },
] as const;

/**
 * What the house describes in a cloud takes that cloud's credential. Said as a problem: what is left out for the lack of a
 * credential would look like something that was taken out of the house.
 * @param given keys of the stack's whole configuration.
 */
export function credentialProblems(house: House, given: ReadonlySet<string>, env: NodeJS.ProcessEnv): Problem[] {
  const asked = { "tunnel.droplet": knownDroplet(house), "tunnel.zone": house.tunnel?.zone };
  return CREDENTIALS.filter((one) => asked[one.for] !== undefined)
    .filter(({ key, variables }) => !given.has(key) && variables.every((name) => !env[name]))
    .map(({ key, variables, for: path }) => ({
      path,
      rule: `needs ${key}, and neither the stack's configuration nor ${variables[0]} has it`,
      fix: `set it with \`pulumi config set --secret ${key}\`, or take ${path} out`,
    }));
}
