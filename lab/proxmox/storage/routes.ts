/** The endpoints of storages: parameters, privileges, handlers. */
import type { Permission, Route } from "../call";
import { digestField, flag, formats, integer, listOf, nodeField, text, vmidField } from "../wire/formats";
import type { Field, Fields } from "../wire/schema";
import { createStorage, deleteStorage, getStorage, listStorages, updateStorage } from "./configure";
import { downloadUrl } from "./files";
import { nodeStorages, nodeStorageStatus, storageContents } from "./usage";

const TYPES = [
  "btrfs",
  "cephfs",
  "cifs",
  "dir",
  "esxi",
  "glusterfs",
  "iscsi",
  "iscsidirect",
  "lvm",
  "lvmthin",
  "nfs",
  "pbs",
  "rbd",
  "zfs",
  "zfspool",
];

const id: Field = text({ format: formats.storageId, required: true });
const node = text({ format: listOf(formats.node) });
const contentList = text({ format: listOf(formats.content) });

/** Properties that a create and an update take. */
const changeable: Fields = {
  storage: id,
  content: contentList,
  nodes: node,
  disable: flag,
  shared: flag,
  options: text(),
  mkdir: flag,
  "create-base-path": flag,
  "create-subdirs": flag,
  preallocation: text({ values: ["off", "metadata", "falloc", "full"] }),
  "prune-backups": text(),
  "max-protected-backups": integer({ minimum: -1 }),
  bwlimit: text(),
  format: text({ values: ["raw", "qcow2", "subvol", "vmdk"] }),
  "content-dirs": text(),
  is_mountpoint: text(),
  server: text(),
};
const fixed: Fields = {
  type: text({ values: TYPES, required: true }),
  path: text({ format: formats.absolutePath }),
  export: text({ format: formats.absolutePath }),
  vgname: text({ pattern: /^[a-z0-9][a-z0-9\-_.]*[a-z0-9]$/i }),
  thinpool: text({ pattern: /^[a-z0-9][a-z0-9\-_.]*[a-z0-9]$/i }),
  ...Object.fromEntries(
    [
      "share",
      "username",
      "password",
      "datastore",
      "fingerprint",
      "domain",
      "smbversion",
      "pool",
      "portal",
      "target",
    ].map((key) => [key, text()]),
  ),
};

const allocate: Permission = { path: "/storage", privileges: ["Datastore.Allocate"] };
const audit: Permission = {
  path: "/storage/{storage}",
  privileges: ["Datastore.Audit", "Datastore.AllocateSpace"],
  any: true,
};
const ofNode: Fields = { node: nodeField, storage: id };

export const storageRoutes: readonly Route[] = [
  { method: "GET", template: "/storage", fields: { type: text({ values: TYPES }) }, handle: listStorages },
  {
    method: "POST",
    template: "/storage",
    fields: { ...changeable, ...fixed },
    permission: allocate,
    handle: createStorage,
  },
  {
    method: "GET",
    template: "/storage/{storage}",
    fields: { storage: id },
    permission: { ...allocate, path: "/storage/{storage}" },
    handle: getStorage,
  },
  {
    method: "PUT",
    template: "/storage/{storage}",
    fields: { ...changeable, delete: text({ maxLength: 4096 }), digest: { ...digestField, maxLength: 64 } },
    permission: allocate,
    handle: updateStorage,
  },
  {
    method: "DELETE",
    template: "/storage/{storage}",
    fields: { storage: id },
    permission: allocate,
    handle: deleteStorage,
  },
  {
    method: "GET",
    template: "/nodes/{node}/storage",
    fields: {
      node: nodeField,
      content: contentList,
      enabled: flag,
      format: flag,
      storage: { ...id, required: false },
      target: text(),
    },
    handle: nodeStorages,
  },
  {
    method: "GET",
    template: "/nodes/{node}/storage/{storage}/status",
    fields: ofNode,
    permission: audit,
    handle: nodeStorageStatus,
  },
  {
    method: "GET",
    template: "/nodes/{node}/storage/{storage}/content",
    fields: { ...ofNode, content: text({ format: formats.content }), vmid: { ...vmidField, required: false } },
    permission: audit,
    handle: storageContents,
  },
  {
    method: "POST",
    template: "/nodes/{node}/storage/{storage}/download-url",
    fields: {
      ...ofNode,
      content: text({ format: formats.content, values: ["iso", "vztmpl", "import"], required: true }),
      filename: text({ maxLength: 255, required: true }),
      url: text({ pattern: /^https?:\/\/.*$/, required: true }),
      checksum: text({ requires: "checksum-algorithm" }),
      "checksum-algorithm": text({
        values: ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"],
        requires: "checksum",
      }),
      compression: text({ values: ["gz", "lzo", "zst", "bz2"] }),
      "verify-certificates": flag,
    },
    permission: { path: "/storage/{storage}", privileges: ["Datastore.AllocateTemplate"] },
    handle: downloadUrl,
  },
];
