/** A lab plugin: a cloud's resources behind the provider protocol's methods. Knows its cloud's API, and no engine. */
import { createHash } from "node:crypto";
import { changedKeys, observedInputs } from "./difference";
import type { CloudResource, Failure, Live } from "./resource";
import type { Rest } from "./rest";
import { hasUnknown, UNKNOWN, type Plain } from "./values";

export interface PluginDefinition {
  /** `digitalocean` */
  readonly name: string;
  readonly version: string;
  /** The configuration keys that hold secrets. */
  readonly secrets: readonly string[];
  /** Configuration keys that the real provider has. */
  readonly settings: readonly string[];
  readonly resources: readonly CloudResource[];
  /** @throws where the configuration lacks something */
  connect(config: Plain): Rest;
}

export interface Difference {
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
}

const seen = ({ id, inputs, outputs }: Live, given: Plain, resource: CloudResource): Live => {
  const observed = observedInputs(given, inputs, resource.unseen);
  return { id, inputs: observed, outputs: { ...inputs, ...observed, ...outputs } };
};

export class Plugin {
  private rest: Rest | undefined;

  constructor(readonly definition: PluginDefinition) {}

  configure(config: Plain): void {
    // In a preview the token may be unknown: nothing is asked of the cloud then.
    this.rest = hasUnknown(config) ? undefined : this.definition.connect(config);
  }

  checkConfig(config: Plain): Failure[] {
    const known = new Set([...this.definition.settings, "version"]);
    const foreign = Object.keys(config).filter((key) => !known.has(key) && !key.startsWith("__"));
    return foreign.map((property) => ({
      property,
      reason: `the ${this.definition.name} provider has no such setting`,
    }));
  }

  /** @param seed of this resource: the same name comes of it in preview and up. */
  check(token: string, urnName: string, inputs: Plain, former: Plain, seed: Uint8Array | string) {
    const resource = this.resource(token);
    const name = former.name ?? `${urnName}-${createHash("sha1").update(seed).digest("hex").slice(0, 7)}`;
    const named = resource.named && inputs.name === undefined ? { ...inputs, name } : inputs;
    return { inputs: named, failures: resource.check(named) };
  }

  diff(token: string, former: Plain, wanted: Plain): Difference {
    const { computed, replaceOn } = this.resource(token);
    const changed = changedKeys(former, wanted, computed);
    return { changed, replaces: changed.filter((key) => replaceOn.includes(key)) };
  }

  async create(token: string, inputs: Plain, preview: boolean): Promise<Pick<Live, "id" | "outputs">> {
    const resource = this.resource(token);
    if (preview) {
      const open = [...resource.outputs, ...(resource.computed ?? [])].filter((key) => inputs[key] === undefined);
      return { id: "", outputs: { ...inputs, ...Object.fromEntries(open.map((key) => [key, UNKNOWN])) } };
    }
    const id = await resource.create(this.connected, inputs);
    return this.made(resource, id, inputs);
  }

  async read(token: string, id: string, given: Plain): Promise<Live | undefined> {
    const resource = this.resource(token);
    const live = await resource.read(this.connected, id, given);
    return live && seen(live, given, resource);
  }

  async update(token: string, id: string, inputs: Plain, former: Plain, outputs: Plain, preview: boolean) {
    const resource = this.resource(token);
    if (preview) return { ...outputs, ...inputs };
    await resource.update(this.connected, id, inputs, former);
    return (await this.made(resource, id, inputs)).outputs;
  }

  async remove(token: string, id: string, outputs: Plain): Promise<void> {
    const resource = this.resource(token);
    // Somebody else's deletion is as good as ours.
    if (await resource.read(this.connected, id, outputs)) await resource.remove(this.connected, id, outputs);
  }

  private async made(resource: CloudResource, id: string, inputs: Plain): Promise<Live> {
    const live = await resource.read(this.connected, id, inputs);
    if (!live) throw new Error(`${resource.token} ${id}: gone while it was written`);
    return seen(live, inputs, resource);
  }

  private resource(token: string): CloudResource {
    const found = this.definition.resources.find((resource) => resource.token === token);
    if (!found) throw new Error(`the lab's ${this.definition.name} plugin has no ${token}`);
    return found;
  }

  private get connected(): Rest {
    if (!this.rest) throw new Error(`the ${this.definition.name} provider is not configured`);
    return this.rest;
  }
}
