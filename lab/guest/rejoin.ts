/**
 * What the unit of a VPN's stack does on a simulated guest, at once: its clients are in the network of the VPN's container
 * again, where that one is another by now. Changes the guest's containers.
 */
import { rejoinUnitName } from "../../providers/compose/rejoin";
import type { GuestState, LabContainer } from "./state";

/** As the script has it: those that run in another network, and those that Docker could not start. */
const isLeft = ({ status, namespace, error }: LabContainer, owner: LabContainer): boolean =>
  status === "running" ? namespace !== owner.namespace : status === "exited" && error !== undefined;

export function rejoin(state: GuestState): void {
  for (const client of state.containers) {
    const owner = state.containers.find(({ id }) => client.networkMode === `container:${id}`);
    if (owner?.status !== "running" || state.units[rejoinUnitName(client.project)]?.active !== true) continue;
    if (!isLeft(client, owner)) continue;
    const { namespace } = owner;
    Object.assign(client, { status: "running", exitCode: 0, pid: ++state.last, namespace, error: undefined });
  }
}
