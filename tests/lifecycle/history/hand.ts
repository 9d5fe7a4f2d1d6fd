/** A hand at Proxmox behind the house's back: one edit of a VM, as somebody makes it in the web interface. */
import type { ProxmoxClient } from "../../../providers/proxmox/client";
import { configOf, count, detach, gibOf, NODE, vmidOf, type Model, type Name, type Real } from "./model";

export const EDITS = [
  "memory",
  "name",
  "tags",
  "nic gone",
  "nic more",
  "disk out",
  "disk more",
  "grow",
  "power",
] as const;
export type Edit = (typeof EDITS)[number];

const path = (name: Name): string => `/nodes/${NODE}/qemu/${vmidOf(name)}`;

async function send(client: ProxmoxClient, name: Name, edit: Edit, model: Model, { bench }: Real): Promise<unknown> {
  const { world } = bench.proxmox;
  const config = configOf(world, name) ?? {};
  const change = async (body: Record<string, string | number>): Promise<unknown> =>
    client.task(await client.post<string>(`${path(name)}/config`, body));
  switch (edit) {
    case "memory":
      return change({ memory: 768 });
    case "name":
      return change({ name: "by-hand" });
    case "tags":
      return change({ tags: "by;hand" });
    case "nic gone":
      return config.net0 === undefined ? undefined : change({ delete: "net0" });
    case "nic more":
      return change({ net5: "virtio,bridge=vmbr0" });
    case "disk out": {
      const slot = ["scsi1", "scsi2", "virtio0"].find((one) => config[one] !== undefined);
      if (slot === undefined) return undefined;
      detach(model, world, name, [slot]);
      return change({ delete: slot });
    }
    case "disk more":
      return config.scsi5 === undefined ? change({ scsi5: "local-lvm:1" }) : undefined;
    case "grow": {
      if (config.scsi0 === undefined) return undefined;
      model.grown.add(`${vmidOf(name)} scsi0`);
      const body = { disk: "scsi0", size: `${gibOf(config.scsi0) + 1}G` };
      return client.task(await client.put<string>(`${path(name)}/resize`, body));
    }
    case "power": {
      const action = world.vms[vmidOf(name)]?.running === undefined ? "start" : "stop";
      return client.task(await client.post<string>(`${path(name)}/status/${action}`));
    }
  }
}

/** @returns when Proxmox has done it; nothing where there is nothing to edit. */
export async function editByHand(name: Name, edit: Edit, model: Model, real: Real): Promise<void> {
  if (configOf(real.bench.proxmox.world, name) === undefined) return;
  model.unseen.add(name);
  count(real, `by hand: ${edit}`);
  await send(real.bench.client(), name, edit, model, real);
}

/** The VM with all its disks. */
export async function deleteByHand(name: Name, { bench }: Real): Promise<void> {
  const client = bench.client();
  if (bench.proxmox.world.vms[vmidOf(name)]?.running)
    await client.task(await client.post<string>(`${path(name)}/status/stop`));
  await client.task(await client.delete<string>(path(name)));
}
