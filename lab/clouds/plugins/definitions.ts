/** The lab's plugins: the SDKs' names and versions, their configuration, and the resources in use. */
import { dnsRecordResource } from "./dnsRecord";
import { dropletResource } from "./droplet";
import { firewallResource } from "./firewall";
import type { PluginDefinition } from "./plugin";
import { reservedIpResource } from "./reservedIp";
import { Rest } from "./rest";
import type { Plain } from "./values";
import { sdkVersion } from "./versions";

function setting(config: Plain, provider: string, key: string): string {
  const value = config[key];
  if (typeof value === "string" && value !== "") return value.replace(/\/$/, "");
  throw new Error(`${provider}:${key} is missing - the lab's plugin talks to the lab's cloud, and needs it`);
}

const digitalocean = (): PluginDefinition => ({
  name: "digitalocean",
  version: sdkVersion("digitalocean"),
  secrets: ["token", "spacesAccessId", "spacesSecretKey"],
  settings: [
    ...["apiEndpoint", "httpRetryMax", "httpRetryWaitMax", "httpRetryWaitMin", "requestsPerSecond"],
    ...["spacesAccessId", "spacesEndpoint", "spacesSecretKey", "token"],
  ],
  resources: [dropletResource, firewallResource, reservedIpResource],
  connect: (config) =>
    new Rest(setting(config, "digitalocean", "apiEndpoint"), setting(config, "digitalocean", "token")),
});

const cloudflare = (): PluginDefinition => ({
  name: "cloudflare",
  version: sdkVersion("cloudflare"),
  secrets: ["apiKey", "apiToken", "apiUserServiceKey"],
  settings: ["apiKey", "apiToken", "apiUserServiceKey", "baseUrl", "email", "userAgentOperatorSuffix"],
  resources: [dnsRecordResource],
  connect: (config) => new Rest(setting(config, "cloudflare", "baseUrl"), setting(config, "cloudflare", "apiToken")),
});

export const pluginDefinitions = (): readonly PluginDefinition[] => [digitalocean(), cloudflare()];
