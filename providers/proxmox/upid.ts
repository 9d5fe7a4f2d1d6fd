/** Names of Proxmox's tasks. Pure. */

export interface Upid {
  /** Whom to ask about it: the node that runs it, which need not be the one that was called. */
  readonly node: string;
  /** `qmcreate`, `resize`. */
  readonly type: string;
  /** What it is about, mostly a VMID; may be empty. */
  readonly id: string;
}

/** `UPID:node:pid:pstart:starttime:type:id:user:` (PVE::Tools); `undefined` where the text is none. */
export function parseUpid(text: unknown): Upid | undefined {
  if (typeof text !== "string") return undefined;
  const match =
    /^UPID:([A-Za-z0-9][A-Za-z0-9.-]*):[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:([^:\s]+):([^:\s]*):[^:\s]+:$/i.exec(text);
  const [, node, type, id] = match ?? [];
  return node === undefined || type === undefined || id === undefined ? undefined : { node, type, id };
}
