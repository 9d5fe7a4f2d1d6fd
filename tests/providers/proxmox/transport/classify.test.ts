import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isAlreadyExists,
  isDigestMismatch,
  isLocked,
  isNotFound,
  isOuterLockTimeout,
  isUnreachable,
} from "../../../../providers/proxmox/classify";
import { ProxmoxError } from "../../../../providers/proxmox/client";
import { sharedPath } from "../../../support/shared";

const refused = (text: string, path = "/nodes/pve/qemu/105/config", status = 500): ProxmoxError =>
  new ProxmoxError({ method: "GET", path, status, text });

const failedTask = (text: string, id: string): ProxmoxError =>
  new ProxmoxError({ method: "GET", path: "/t", text, task: { upid: "UPID:...", type: "qmdestroy", id, log: [] } });

describe("not found", () => {
  const GONE = "Configuration file 'nodes/pve/qemu-server/105.conf' does not exist";

  it("is the VM or the storage that the path names", () => {
    expect(isNotFound(refused(GONE))).toBe(true);
    expect(isNotFound(failedTask(GONE, "105"))).toBe(true);
    expect(isNotFound(refused("storage 'NAS' does not exist", "/storage/NAS"))).toBe(true);
    expect(isNotFound(refused("delete storage failed: storage 'NAS' does not exist", "/storage/NAS"))).toBe(true);
    expect(isNotFound(refused("storage 'NAS' does not exist", "/nodes/pve/storage/NAS/status"))).toBe(true);
  });

  it.each([
    ["another VM", refused(GONE, "/nodes/pve/qemu/100/config")],
    ["another VM of a task", failedTask(GONE, "100")],
    ["a storage that a VM's disk is on", refused("storage 'NAS' does not exist", "/nodes/pve/qemu/105/config")],
    ["a volume", refused("volume 'NAS:iso/x.iso' does not exist")],
    ["a node", refused("hostname lookup 'other' failed - failed to get address info for: other")],
    ["no privilege to see it", refused("Permission check failed (/vms/105, VM.Audit)", undefined, 403)],
    ["no answer", new ProxmoxError({ method: "GET", path: "/nodes/pve/qemu/105/config", text: "refused" })],
    ["no error of Proxmox's", new Error(GONE)],
  ])("is not %s", (_, error) => {
    expect(isNotFound(error)).toBe(false);
  });
});

describe("the other answers", () => {
  it("tell a VM or storage that is there already", () => {
    expect(isAlreadyExists(refused("unable to create VM 100 - VM 100 already exists on node 'pve'"))).toBe(true);
    expect(isAlreadyExists(failedTask("unable to create VM 200: config file already exists", "200"))).toBe(true);
    expect(isAlreadyExists(refused("create storage failed: storage ID 'd1' already defined", "/storage"))).toBe(true);
    const errors = { vmid: "VM 100 already exists" };
    const nextid = { method: "GET", path: "/cluster/nextid", status: 400, text: "Parameter verification failed." };
    expect(isAlreadyExists(new ProxmoxError({ ...nextid, errors }))).toBe(true);
    expect(isAlreadyExists(refused("ide3 - cloud-init drive is already attached at 'ide2'"))).toBe(false);
    expect(isAlreadyExists(failedTask("VM 100 already running", "100"))).toBe(false);
    const volume = `lvcreate 'pve/vm-160-disk-0' error:   Logical Volume "vm-160-disk-0" already exists in volume group "pve"`;
    expect(isAlreadyExists(refused(volume))).toBe(false);
  });

  it("tell a stale digest in both wordings, and not a download's wrong checksum", () => {
    expect(isDigestMismatch(refused("checksum mismatch (file change by other user?)"))).toBe(true);
    expect(isDigestMismatch(failedTask("checksum mismatch (file change by other user?)", "100"))).toBe(true);
    const stale = "detected modified configuration - file changed by other user? Try again.";
    expect(isDigestMismatch(refused(`update storage failed: ${stale}`, "/storage/NAS"))).toBe(true);
    expect(isDigestMismatch(refused("checksum mismatch: got '09ec' != expect '0000'"))).toBe(false);
  });

  it("tell a VM that a job holds from a lock that was not obtained", () => {
    expect(isLocked(refused("VM is locked (backup)"))).toBe(true);
    expect(isLocked(failedTask("VM is locked (snapshot-delete)", "100"))).toBe(true);
    expect(isLocked(refused("can't lock file '/var/lock/qemu-server/lock-105.conf' - got timeout"))).toBe(false);
  });

  it("tell a server that gives no answer from one that refuses", () => {
    expect(isUnreachable(new ProxmoxError({ method: "GET", path: "/version", text: "refused" }))).toBe(true);
    expect(isUnreachable(refused("Connection timed out", undefined, 596))).toBe(true);
    expect(isUnreachable(refused("no such VM"))).toBe(false);
    expect(isUnreachable(refused("Permission check failed", undefined, 403))).toBe(false);
    expect(isUnreachable(failedTask("no space", "100"))).toBe(false);
  });
});

describe("a lock that was not obtained", () => {
  const lock = (name: string): string => `can't lock file '/var/lock/${name}' - got timeout`;

  it("means that nothing was changed where it is the VM's own", () => {
    expect(isOuterLockTimeout(lock("qemu-server/lock-105.conf"), "/nodes/pve/qemu/105/config")).toBe(true);
    expect(isOuterLockTimeout(lock("qemu-server/lock-105.conf"), "/nodes/pve/qemu")).toBe(true);
  });

  it("doesn't where it is another VM's, or a storage's in the middle of a change", () => {
    expect(isOuterLockTimeout(lock("qemu-server/lock-101.conf"), "/nodes/pve/qemu/100/move_disk")).toBe(false);
    expect(isOuterLockTimeout(lock("pve-manager/pve-storage-NAS"), "/nodes/pve/qemu/105/config")).toBe(false);
    expect(isOuterLockTimeout("cfs-lock 'storage-NAS' error: got lock request timeout", "/nodes/pve/qemu")).toBe(false);
  });
});

const recordings = sharedPath("pve/exchanges");
if (recordings === undefined)
  console.warn("skipped: recorded answers are not beside the checkout (shared/pve/exchanges)");

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly reason: string;
  readonly body: { readonly message?: string; readonly errors?: Record<string, string> } | null;
}

const FILES = ["01-basic", "02-vm-create", "03-vm-config", "05-disks-clone-snapshot", "07-storage-backupjobs"];

(recordings === undefined ? describe.skip : describe)("on every recorded refusal of VMs and storages", () => {
  let errors: ProxmoxError[];
  beforeAll(() => {
    errors = FILES.flatMap((name) =>
      readFileSync(join(recordings ?? "", `${name}.jsonl`), "utf8")
        .trim()
        .split("\n"),
    )
      .map((line) => JSON.parse(line) as Exchange)
      .filter(({ status }) => status >= 400)
      .map(({ method, path, status, reason, body }) => {
        const text = body?.message?.trimEnd() ?? reason;
        return new ProxmoxError({ method, path, status, text, errors: body?.errors });
      });
  });

  /** Distinct texts with the numbers and names taken out. */
  const shapesOf = (is: (error: unknown) => boolean): string[] =>
    [...new Set(errors.filter(is).map(({ text }) => text.replace(/\d+/g, "N").replace(/'[^']*'/g, "'X'")))].sort();

  it("not found is these texts only", () => {
    expect(shapesOf(isNotFound)).toEqual([
      "Configuration file 'X' does not exist",
      "delete storage failed: storage 'X' does not exist",
      "storage 'X' does not exist",
      "update storage failed: storage 'X' does not exist",
    ]);
  });

  it("every missing configuration file is a VM not found", () => {
    const missing = errors.filter(({ text }) => text.startsWith("Configuration file"));
    expect(missing.length).toBeGreaterThan(20);
    expect(missing.filter((error) => !isNotFound(error))).toEqual([]);
  });

  it("the other classes hold what they should, and overlap nowhere", () => {
    expect(shapesOf(isDigestMismatch)).toEqual([
      "checksum mismatch (file change by other user?)",
      "detected modified configuration - file changed by other user? Try again.",
      "update storage failed: detected modified configuration - file changed by other user? Try again.",
    ]);
    expect(shapesOf(isAlreadyExists)).toContain("create storage failed: storage ID 'X' already defined");
    expect(shapesOf(isUnreachable)).toEqual([]);
    const classes = [isNotFound, isAlreadyExists, isDigestMismatch, isLocked, isUnreachable];
    expect(errors.filter((error) => classes.filter((is) => is(error)).length > 1)).toEqual([]);
  });
});
