/** The endpoints below `/nodes/{node}/qemu`: parameters, privileges, handlers. */
import { may } from "../access/permissions";
import { vmidOf, type Call, type Permission, type Route } from "../call";
import { digestField, flag, formats, integer, listOf, nodeField, text, vmidField } from "../wire/formats";
import type { Fields } from "../wire/schema";
import { cloneVm, makeTemplate } from "./clone";
import { createVm } from "./create";
import { destroyVm } from "./destroy";
import { vmNamed } from "./find";
import { moveDisk } from "./move";
import { CDROM_ALIAS, configFields } from "./options";
import { reboot, reset, shutdown, start, stop } from "./power";
import { readConfig, readPending } from "./read";
import { resizeDisk } from "./resize";
import { currentStatus, vmStatus } from "./status";
import { unlink, updateInTask, updateNow } from "./update";
import { DISK_KEYS, keysOf } from "./volumeKeys";

const ofVm: Fields = { node: nodeField, vmid: vmidField };
const on = (...privileges: string[]): Permission => ({ path: "/vms/{vmid}", privileges });
const CONFIG: Permission = {
  ...on(
    ...["Disk", "CDROM", "CPU", "Memory", "Network", "HWType", "Options", "Cloudinit"].map(
      (part) => `VM.Config.${part}`,
    ),
  ),
  any: true,
};

const keyList = text({ format: listOf(formats.configId) });
const create: Fields = {
  ...ofVm,
  ...configFields,
  ...CDROM_ALIAS,
  start: flag,
  pool: text(),
  storage: text({ format: formats.storageId }),
  archive: text({ maxLength: 255 }),
  force: { ...flag, requires: "archive" },
  unique: { ...flag, requires: "archive" },
  bwlimit: integer({ minimum: 0 }),
  "live-restore": flag,
  "import-working-storage": text({ format: formats.storageId }),
};
const updates: Fields = {
  ...ofVm,
  ...configFields,
  ...CDROM_ALIAS,
  delete: keyList,
  revert: keyList,
  digest: digestField,
  force: { ...flag, requires: "delete" },
  skiplock: flag,
};
const timeout = integer({ minimum: 0 });
const power: Fields = { ...ofVm, skiplock: flag, timeout };
const disk = (values: readonly string[]): Fields[string] => text({ values, required: true });
const MOVABLE = [...DISK_KEYS, ...keysOf("unused", 256)];

const list = (call: Call): unknown =>
  Object.values(call.world.vms)
    .filter((vm) => may(call.world, call.who, `/vms/${vm.vmid}`, "VM.Audit"))
    .map((vm) => {
      const status = vmStatus(call.world, vm, call.clock.now());
      return call.params.full === "1" ? { ...status, qmpstatus: status.status } : status;
    });

const current = (call: Call): unknown => currentStatus(call.world, vmNamed(call.world, vmidOf(call)), call.clock.now());

const BASE = "/nodes/{node}/qemu";
const VM = `${BASE}/{vmid}`;

export const qemuRoutes: readonly Route[] = [
  { method: "GET", template: BASE, fields: { node: nodeField, full: flag }, handle: list },
  { method: "POST", template: BASE, fields: create, handle: createVm },
  {
    method: "DELETE",
    template: VM,
    fields: { ...ofVm, purge: flag, skiplock: flag, "destroy-unreferenced-disks": flag },
    permission: on("VM.Allocate"),
    handle: destroyVm,
  },
  {
    method: "GET",
    template: `${VM}/config`,
    fields: { ...ofVm, current: flag, snapshot: text({ maxLength: 40, format: formats.configId }) },
    permission: on("VM.Audit"),
    handle: readConfig,
  },
  { method: "PUT", template: `${VM}/config`, fields: updates, permission: CONFIG, handle: updateNow },
  {
    method: "POST",
    template: `${VM}/config`,
    fields: {
      ...updates,
      background_delay: integer({ minimum: 1, maximum: 30 }),
      "import-working-storage": text({ format: formats.storageId }),
    },
    permission: CONFIG,
    handle: updateInTask,
  },
  { method: "GET", template: `${VM}/pending`, fields: ofVm, permission: on("VM.Audit"), handle: readPending },
  { method: "GET", template: `${VM}/status/current`, fields: ofVm, permission: on("VM.Audit"), handle: current },
  { method: "POST", template: `${VM}/status/start`, fields: power, permission: on("VM.PowerMgmt"), handle: start },
  {
    method: "POST",
    template: `${VM}/status/stop`,
    fields: { ...power, keepActive: flag, "overrule-shutdown": flag },
    permission: on("VM.PowerMgmt"),
    handle: stop,
  },
  {
    method: "POST",
    template: `${VM}/status/shutdown`,
    fields: { ...power, keepActive: flag, forceStop: flag },
    permission: on("VM.PowerMgmt"),
    handle: shutdown,
  },
  {
    method: "POST",
    template: `${VM}/status/reboot`,
    fields: { ...ofVm, timeout },
    permission: on("VM.PowerMgmt"),
    handle: reboot,
  },
  {
    method: "POST",
    template: `${VM}/status/reset`,
    fields: { ...ofVm, skiplock: flag },
    permission: on("VM.PowerMgmt"),
    handle: reset,
  },
  {
    method: "PUT",
    template: `${VM}/resize`,
    fields: {
      ...ofVm,
      disk: disk(DISK_KEYS),
      size: text({ required: true, pattern: /^\+?\d+(\.\d+)?[KMGT]?$/ }),
      digest: digestField,
      skiplock: flag,
    },
    permission: on("VM.Config.Disk"),
    handle: resizeDisk,
  },
  {
    method: "PUT",
    template: `${VM}/unlink`,
    fields: { ...ofVm, idlist: { ...keyList, required: true }, force: flag },
    permission: on("VM.Config.Disk"),
    handle: unlink,
  },
  {
    method: "POST",
    template: `${VM}/clone`,
    fields: {
      ...ofVm,
      newid: vmidField,
      name: text({ format: formats.dnsName }),
      description: text(),
      full: flag,
      storage: text({ format: formats.storageId }),
      format: text({ values: ["raw", "qcow2", "vmdk"] }),
      target: text({ format: formats.node }),
      pool: text(),
      snapname: text({ maxLength: 40, format: formats.configId }),
      bwlimit: integer({ minimum: 0 }),
    },
    permission: on("VM.Clone"),
    handle: cloneVm,
  },
  {
    method: "POST",
    template: `${VM}/template`,
    fields: { ...ofVm, disk: text({ values: DISK_KEYS }) },
    permission: on("VM.Allocate"),
    handle: makeTemplate,
  },
  {
    method: "POST",
    template: `${VM}/move_disk`,
    fields: {
      ...ofVm,
      disk: disk(MOVABLE),
      storage: text({ format: formats.storageId }),
      format: text({ values: ["raw", "qcow2", "vmdk"] }),
      delete: flag,
      digest: digestField,
      bwlimit: integer({ minimum: 0 }),
      "target-vmid": { ...vmidField, required: false },
      "target-disk": text({ values: MOVABLE }),
      "target-digest": digestField,
    },
    permission: on("VM.Config.Disk"),
    handle: moveDisk,
  },
];
