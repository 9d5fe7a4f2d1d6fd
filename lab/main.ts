/** The lab's process: `node bin/lab/main.js --dir DIR`. Serves until SIGTERM or SIGINT, then leaves its state on disk. */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { claim, TAKEN } from "./claim";
import { startClouds } from "./clouds/server";
import { LabFolder } from "./folder";
import { startProxmox } from "./proxmox/server";

/** The wanted port, or any free one where somebody has it. */
async function onPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return start(0);
  }
}

const portOf = (url: string): number => Number(new URL(url).port);

async function main(dir: string): Promise<void> {
  const folder = new LabFolder(dir);
  folder.make();
  if (!claim(folder)) {
    console.log(`${new Date().toISOString()} another lab serves ${folder.path}`);
    process.exitCode = TAKEN;
    return;
  }
  const identity = await folder.ensureIdentity();
  const { seed, latencyMs, ...wanted } = folder.readSettings();
  const { certificate, controlKey } = identity;
  const lab = await onPort(wanted.port ?? identity.port ?? 0, (port) =>
    startProxmox({
      initial: seed,
      stateFile: folder.state,
      ...{ port, certificate, controlKey, latencyMs, taskMs: 50, rejectMs: 500 },
    }),
  );
  const clouds = await onPort(wanted.cloudsPort ?? identity.cloudsPort ?? 0, (port) =>
    startClouds({ port, stateFile: folder.clouds }),
  );
  const { url, fingerprint } = lab;
  const { apiEndpoint, baseUrl } = clouds;
  folder.rememberPorts(identity, { port: portOf(url), cloudsPort: portOf(apiEndpoint) });
  const record = { pid: process.pid, url, fingerprint, controlKey, clouds: { apiEndpoint, baseUrl } };
  folder.writeRecord({ ...record, startedAt: Date.now() });
  console.log(`${new Date().toISOString()} the lab's Proxmox answers at ${url} (certificate ${fingerprint})`);
  console.log(`${new Date().toISOString()} the lab's DigitalOcean answers at ${apiEndpoint}, Cloudflare at ${baseUrl}`);
  const stop = (signal: string): void => {
    console.log(`${new Date().toISOString()} ${signal}: stopping`);
    void Promise.all([lab.close(), clouds.close()]).then(() => {
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
