/**
 * The engine's part in a test, in this process: what it records of each resource, which lifecycle function it calls with
 * it, and what it makes of a failure. Each run has a client of its own, as a process has.
 */
import { sameCanonical } from "../../providers/canonical";
import type { Lifecycle } from "../../providers/lifecycle";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import type { ImageSpec } from "../../providers/proxmox/image/args";
import { imageLifecycle } from "../../providers/proxmox/image/lifecycle";
import type { StorageSpec } from "../../providers/proxmox/storage/args";
import { storageLifecycle } from "../../providers/proxmox/storage/lifecycle";
import type { VmSpec } from "../../providers/proxmox/vm/args";
import { vmLifecycle } from "../../providers/proxmox/vm/lifecycle";

export type Described =
  | { readonly kind: "vm"; readonly spec: VmSpec }
  | { readonly kind: "storage"; readonly spec: StorageSpec }
  | { readonly kind: "image"; readonly spec: ImageSpec };

/** By name; made in this order, one after another, so that the n-th call is the same one in every run. */
export type House = Readonly<Record<string, Described>>;

interface Recorded {
  readonly kind: Described["kind"];
  readonly id: string;
  readonly inputs: { readonly deletable?: boolean };
  readonly outs: object;
  /** The engine calls update again, whatever the inputs say. */
  readonly failed: boolean;
}

type AnyLifecycle = Lifecycle<object>;

/** Thrown in the place of everything that a killed process would still have done. */
export class Killed extends Error {}

/** What the dynamic-provider process takes for a resource that was made in part. */
const halfDone = (error: unknown): { id: string; properties: object } | undefined =>
  error instanceof Error && "id" in error && "properties" in error
    ? { id: String(error.id), properties: error.properties as object }
    : undefined;

export class Program {
  readonly told: string[] = [];

  constructor(readonly recorded = new Map<string, Recorded>()) {}

  /** The same as far as the state's file goes: what another run would read. */
  copy(): Program {
    return new Program(new Map(this.recorded));
  }

  private lifecycle(kind: Described["kind"], client: ProxmoxClient): AnyLifecycle {
    const tell = (text: string): void => void this.told.push(text);
    switch (kind) {
      case "vm":
        return vmLifecycle({ client: () => client, rootLogin: () => true, tell });
      case "storage":
        return storageLifecycle(() => client);
      case "image":
        return imageLifecycle({ client: () => client, tell });
    }
  }

  private record(name: string, resource: Omit<Recorded, "failed">, failed = false): void {
    this.recorded.set(name, { ...resource, failed });
  }

  /** `pulumi up`. @throws what the first resource that fails threw; what was done before it is recorded. */
  async up(house: House, client: ProxmoxClient): Promise<void> {
    for (const [name, { kind, spec }] of Object.entries(house)) await this.ensure(name, kind, spec, client);
    for (const [name, { kind, id, inputs, outs }] of [...this.recorded].reverse()) {
      if (name in house) continue;
      if (inputs.deletable === true) await this.lifecycle(kind, client).delete(id, outs);
      this.recorded.delete(name);
    }
  }

  private async ensure(name: string, kind: Described["kind"], spec: object, client: ProxmoxClient): Promise<void> {
    const lifecycle = this.lifecycle(kind, client);
    const before = this.recorded.get(name);
    const { inputs, failures } = await lifecycle.check(before?.inputs ?? {}, spec);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
    if (before !== undefined && !before.failed && sameCanonical(before.inputs, inputs)) return;
    try {
      if (before === undefined) this.record(name, { kind, inputs, ...(await lifecycle.create(inputs)) });
      else
        this.record(name, { kind, inputs, id: before.id, ...(await lifecycle.update(before.id, before.outs, inputs)) });
    } catch (error) {
      const half = halfDone(error);
      if (half && !(error instanceof Error && error.message.includes(Killed.name)))
        this.record(name, { kind, inputs, id: half.id, outs: half.properties }, true);
      throw error;
    }
  }

  /** `pulumi refresh`. A failed mark stays: the engine keeps it until an update went well. */
  async refresh(client: ProxmoxClient): Promise<void> {
    for (const [name, before] of this.recorded) {
      const { id, inputs, props } = await this.lifecycle(before.kind, client).read(before.id, before.outs);
      if (id === undefined || inputs === undefined || props === undefined) this.recorded.delete(name);
      else this.record(name, { kind: before.kind, id, inputs, outs: props }, before.failed);
    }
  }
}

interface Sent {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
}

/** A client whose every request passes through `around`: it may do something before or after, or send nothing. */
export function through(
  client: ProxmoxClient,
  around: (sent: Sent, send: () => Promise<unknown>) => Promise<unknown>,
): ProxmoxClient {
  return {
    ...client,
    get: <T>(path: string, query?: never) =>
      around({ method: "GET", path }, () => client.get(path, query)) as Promise<T>,
    post: <T>(path: string, body?: never) =>
      around({ method: "POST", path }, () => client.post(path, body)) as Promise<T>,
    put: <T>(path: string, body?: never) => around({ method: "PUT", path }, () => client.put(path, body)) as Promise<T>,
    delete: <T>(path: string, query?: never) =>
      around({ method: "DELETE", path }, () => client.delete(path, query)) as Promise<T>,
    task: (upid, options) => around({ method: "GET", path: "task" }, () => client.task(upid, options)) as never,
  };
}

/** A client of a process that is killed at its n-th changing call, before or after the server got it. */
export function killedAt(client: ProxmoxClient, nth: number, when: "before" | "after"): ProxmoxClient {
  let seen = 0;
  let dead = false;
  const die = (): never => {
    dead = true;
    throw new Killed(Killed.name);
  };
  return through(client, async ({ method }, send) => {
    if (dead) return die();
    if (method === "GET" || ++seen < nth) return send();
    if (when === "after") await send().catch(() => undefined);
    return die();
  });
}
