/** Real guests of a lab in the background: listed while they run, started and stopped with their VMs, gone with the lab. */
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { labStatus, resetLab, startLab, stopLab } from "../../lab/daemon";
import { LabFolder, type LabRecord } from "../../lab/folder";
import { prepareGuests } from "../../lab/guests/machines";
import { forwardTo, guestPorts, runningGuests } from "../../lab/guests/ports";
import { isAlive } from "../../lab/processes";
import { LAB_TOKEN } from "../../lab/proxmox/seeds";
import { LabClient, type Form } from "../lab/client";
import { describeWithGuests, mayInstall } from "./available";

const MINUTE = 60_000;
const QEMU = "/nodes/infinity-node/qemu";

/** Waits until that is so; the test's own time ends it. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

describeWithGuests("real guests of a lab in the background", () => {
  let dir: string;
  let record: LabRecord;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "infinity-lab-"));
    await prepareGuests({ install: mayInstall, say: console.log });
    ({ record } = await startLab({ dir, guests: "qemu" }));
  }, 15 * MINUTE);

  afterAll(async () => {
    await stopLab({ dir });
    rmSync(dir, { recursive: true, force: true });
  });

  /** A task from its call to its end, as it ended. */
  async function done(method: "POST" | "DELETE", path: string, params?: Form): Promise<string> {
    const certificate = new LabFolder(dir).readIdentity()?.certificate ?? { cert: "", key: "" };
    const client = new LabClient({ url: record.url, certificate });
    client.headers = { authorization: `PVEAPIToken=root@pam!lab=${LAB_TOKEN}` };
    try {
      const { data } = await client.send(method, path, params);
      return await client.ended(data, MINUTE);
    } finally {
      await client.close();
    }
  }

  const pids = async (): Promise<number[]> => (await runningGuests(dir, record)).map(({ pid }) => pid);

  test(
    "a VM that is started is a machine, with a way to it and a console, until it is stopped",
    async () => {
      const made = await done("POST", QEMU, {
        ...{ vmid: 100, name: "emby", agent: 1, scsi0: "local-lvm:4", ide2: "local-lvm:cloudinit", ciuser: "evan" },
        ...{ net0: "virtio=BC:24:11:00:01:00,bridge=vmbr0", ipconfig0: "ip=192.168.86.172/24,gw=192.168.86.1" },
      });
      expect(made).toBe("OK");
      expect(await done("POST", `${QEMU}/100/status/start`)).toBe("OK");
      const [guest] = await runningGuests(dir, record);
      expect(guest).toMatchObject({ vmid: 100, name: "emby", address: "192.168.86.172" });
      await until(() => readFileSync(guest?.console ?? "", "utf8").includes("Linux version 6.1"));
      const ports = await guestPorts(dir, record);
      expect(ports).toEqual({ "192.168.86.172": await forwardTo(dir, record, "192.168.86.172", 22) });
      expect(await forwardTo(dir, record, "192.168.86.172", 8096)).not.toBe(ports["192.168.86.172"]);

      expect(await done("POST", `${QEMU}/100/status/stop`)).toBe("OK");
      expect(isAlive(guest?.pid ?? 0)).toBe(false);
      expect(await runningGuests(dir, record)).toEqual([]);
    },
    2 * MINUTE,
  );

  test(
    "a machine that ends by itself is a VM that is stopped",
    async () => {
      expect(await done("POST", `${QEMU}/100/status/start`)).toBe("OK");
      const [pid = 0] = await pids();
      process.kill(pid, "SIGKILL");
      await until(async () => (await pids()).length === 0);
      // Stopped, then started again: a VM that still counted as running would refuse.
      expect(await done("POST", `${QEMU}/100/status/start`)).toBe("OK");
    },
    MINUTE,
  );

  test(
    "no machine outlives a lab that is killed; the next one starts it again, from its own disk",
    async () => {
      const before = await pids();
      // What was acknowledged is on disk soon after: a power cut before that is another story.
      const kept = z.object({ world: z.object({ vms: z.record(z.string(), z.looseObject({})) }) });
      const state = new LabFolder(dir).state;
      await until(() => kept.parse(JSON.parse(readFileSync(state, "utf8"))).world.vms["100"]?.running !== undefined);
      const sockets = readlinkSync(join(dir, "guests", "sockets"));
      process.kill(record.pid, "SIGKILL");
      await until(() => !before.some(isAlive));
      expect((await labStatus({ dir })).state).toBe("stale");
      ({ record } = await startLab({ dir }));
      expect(record.guests).toBe("qemu");
      expect(existsSync(sockets)).toBe(false);
      const after = await pids();
      expect(after).toHaveLength(1);
      expect(after).not.toEqual(before);
    },
    MINUTE,
  );

  test(
    "a VM that is destroyed leaves no disk, a reset leaves nothing, and simulated guests are one word away",
    async () => {
      expect(await done("POST", `${QEMU}/100/status/stop`)).toBe("OK");
      const disks = join(dir, "guests", "100");
      expect(existsSync(join(disks, "scsi0.qcow2"))).toBe(true);
      expect(await done("DELETE", `${QEMU}/100`)).toBe("OK");
      expect(existsSync(disks)).toBe(false);
      record = (await resetLab({ dir })).record ?? record;
      expect(record.guests).toBe("qemu");
      ({ record } = await startLab({ dir, guests: "simulated" }));
      expect(record.guests).toBe("simulated");
      await expect(forwardTo(dir, record, "192.168.86.172", 22)).rejects.toThrow("simulated");
    },
    MINUTE,
  );
});
