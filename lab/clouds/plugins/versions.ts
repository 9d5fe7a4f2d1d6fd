/** The SDKs of the clouds, and their versions as installed. Reads their package.json. */
import { readFileSync } from "node:fs";

const NAMES = ["digitalocean", "cloudflare"] as const;

/** The engine asks for the plugin of exactly the version that the SDK has. */
export function sdkVersion(name: (typeof NAMES)[number]): string {
  const text = readFileSync(require.resolve(`@pulumi/${name}/package.json`), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

export const cloudSdks = () => NAMES.map((name) => ({ name, version: sdkVersion(name) }));
