/** The lab's process: `node bin/lab/main.js --dir DIR`. Serves until SIGTERM or SIGINT, then leaves its state on disk. */
import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { claim, TAKEN } from "./claim";
import { LabFolder } from "./folder";
import { qemuMachines } from "./guests/machines";
import { startServers } from "./servers";

const say = (text: string): void => {
  console.log(`${new Date().toISOString()} ${text}`);
};

const portOf = (url: string): number => Number(new URL(url).port);

async function main(dir: string): Promise<void> {
  const folder = new LabFolder(dir);
  folder.make();
  if (!claim(folder)) {
    say(`another lab serves ${folder.path}`);
    process.exitCode = TAKEN;
    return;
  }
  const identity = await folder.ensureIdentity();
  const { seed, latencyMs, guests = "simulated", inside, real, ...wanted } = folder.readSettings();
  const { certificate, controlKey } = identity;
  const machines = guests === "qemu" ? await qemuMachines({ dir: folder.guests, say, ...real }) : undefined;
  const servers = await startServers({
    proxmox: {
      initial: seed,
      stateFile: folder.state,
      port: wanted.port ?? identity.port,
      ...{ certificate, controlKey, latencyMs, taskMs: 50, rejectMs: 500, machines },
    },
    clouds: { port: wanted.cloudsPort ?? identity.cloudsPort, stateFile: folder.clouds },
    inside: inside && guests === "simulated" ? { dir: folder.inside, of: inside } : undefined,
    node: { port: wanted.sshPort ?? identity.sshPort, root: folder.node, ...identity.ssh },
  });
  const { url, fingerprint, clouds, ssh } = servers.serving;
  const ports = { port: portOf(url), cloudsPort: portOf(clouds.apiEndpoint), sshPort: ssh.port };
  folder.rememberPorts(identity, ports);
  folder.writeRecord({ pid: process.pid, ...servers.serving, controlKey, guests, startedAt: Date.now() });
  say(`the lab's Proxmox answers at ${url} (certificate ${fingerprint}); its guests: ${guests}`);
  say(`the lab's node answers by SSH on port ${ssh.port} (${ssh.hostKey})`);
  say(`the lab's DigitalOcean answers at ${clouds.apiEndpoint}, Cloudflare at ${clouds.baseUrl}`);
  const stop = (signal: string): void => {
    say(`${signal}: stopping`);
    void servers.close().then(() => {
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
