/** The lab's process: `node bin/lab/main.js --dir DIR`. Serves until SIGTERM or SIGINT, then leaves its state on disk. */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { claim, TAKEN } from "./claim";
import { LabFolder } from "./folder";
import { startProxmox, type LabProxmox, type ProxmoxOptions } from "./proxmox/server";

/** The wanted port, or any free one where somebody has it. */
async function onPort(options: ProxmoxOptions): Promise<LabProxmox> {
  try {
    return await startProxmox(options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startProxmox({ ...options, port: 0 });
  }
}

async function main(dir: string): Promise<void> {
  const folder = new LabFolder(dir);
  folder.make();
  if (!claim(folder)) {
    console.log(`${new Date().toISOString()} another lab serves ${folder.path}`);
    process.exitCode = TAKEN;
    return;
  }
  const identity = await folder.ensureIdentity();
  const { seed, port, latencyMs } = folder.readSettings();
  const { certificate, controlKey } = identity;
  const lab = await onPort({
    initial: seed,
    stateFile: folder.state,
    port: port ?? identity.port ?? 0,
    ...{ certificate, controlKey, latencyMs, taskMs: 50, rejectMs: 500 },
  });
  folder.rememberPort(identity, Number(new URL(lab.url).port));
  const { url, fingerprint } = lab;
  folder.writeRecord({ pid: process.pid, url, fingerprint, controlKey, startedAt: Date.now() });
  console.log(`${new Date().toISOString()} the lab's Proxmox answers at ${url} (certificate ${fingerprint})`);
  const stop = (signal: string): void => {
    console.log(`${new Date().toISOString()} ${signal}: stopping`);
    void lab.close().then(() => {
      for (const path of [folder.record, folder.claim]) rmSync(path, { force: true });
      process.exit(0);
    });
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

const { dir } = parseArgs({ options: { dir: { type: "string" } } }).values;
if (dir === undefined) {
  console.error("usage: node bin/lab/main.js --dir DIR");
  process.exitCode = 2;
} else {
  main(dir).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
