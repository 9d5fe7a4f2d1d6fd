/** Where a running lab's real guests are reached from this machine. Asks the lab. */
import { askLab } from "../ask";
import { LabFolder, type LabRecord } from "../folder";
import type { GuestState } from "./machines";

/** The real guests that run; none where guests are simulated. */
export const runningGuests = (dir: string, record: LabRecord): Promise<readonly GuestState[]> =>
  askLab(new LabFolder(dir), record, { method: "GET", path: "/lab/guests" });

/** Ports on 127.0.0.1 that lead to the SSH servers of the guests that run, by their addresses on the house's network. */
export async function guestPorts(dir: string, record: LabRecord): Promise<Readonly<Record<string, number>>> {
  const guests = await runningGuests(dir, record);
  const reached = guests.flatMap(({ address, sshPort }) =>
    address === undefined || sshPort === undefined ? [] : [[address, sshPort] as const],
  );
  return Object.fromEntries(reached);
}

/** The port on 127.0.0.1 that leads to any port of the guests' network, also before its guest is up. */
export const forwardTo = (dir: string, record: LabRecord, address: string, port: number): Promise<number> =>
  askLab(new LabFolder(dir), record, { method: "POST", path: "/lab/guests/forward", body: { address, port } });
