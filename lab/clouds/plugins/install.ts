/**
 * Puts the lab's plugins where the engine looks for those of the SDKs: `plugins/resource-NAME-vVERSION/` of a Pulumi home.
 * Writes there and nowhere else; a plugin that is not the lab's own (the real one) is left as it is.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const MARK = "# The lab's own plugin: it talks to the lab's cloud.";

/** For a shell: whatever a path holds. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `exec`, so that the process that the engine ends is the plugin. */
const script = (name: string): string =>
  `#!/bin/sh\n${MARK}\nexec ${quoted(process.execPath)} ${quoted(resolve(__dirname, "main.js"))} ${name} "$@"\n`;

/** Missing, or the lab's own and of another checkout or Node. */
function wanting(file: string, text: string): boolean {
  if (!existsSync(file)) return true;
  const former = readFileSync(file, "utf8");
  return former.includes(MARK) && former !== text;
}

export interface InstalledPlugin {
  readonly name: string;
  readonly version: string;
}

export function installPlugins(home: string, plugins: readonly InstalledPlugin[]): void {
  for (const { name, version } of plugins) {
    const folder = join(home, "plugins", `resource-${name}-v${version}`);
    const file = join(folder, `pulumi-resource-${name}`);
    const text = script(name);
    if (!wanting(file, text)) continue;
    mkdirSync(folder, { recursive: true });
    const next = `${file}.${process.pid}.tmp`;
    writeFileSync(next, text, { mode: 0o755 });
    renameSync(next, file);
  }
}
