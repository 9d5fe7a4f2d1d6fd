/** What suites share that look inside the simulated guests of a house: a VM of it, a container on one, a port without anybody. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import type { LabGuest } from "../../lab/guest/guest";

/** A small VM that the program looks into. @param host last part of its address */
export const vm = (vmid: number, host: number, services: readonly unknown[], guest: object = {}) => ({
  vmid,
  address: host,
  cpu: { cores: 1 },
  memory: "1GiB",
  disks: { scsi0: { storage: "local-lvm", size: "4GiB" } },
  state: "running",
  guest,
  services,
});

/** @throws Error where no container is that service's */
export const container = (guest: LabGuest, service: string) => {
  const found = guest.state.containers.find((each) => each.service === service);
  if (!found) throw new Error(`no container of ${service}`);
  return found;
};

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
