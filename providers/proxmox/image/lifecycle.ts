/**
 * The life of a downloaded file. It is kept: nothing here removes or overwrites one. Endpoint and credentials are those of
 * today's environment.
 */
import { canonical } from "../../canonical";
import type { Lifecycle } from "../../lifecycle";
import { spoken } from "../../spoken";
import { adoptionFrom, type Adoption } from "../../adoption";
import type { ProxmoxClient } from "../client";
import { clientFor } from "../clientFor";
import { checkImage } from "./check";
import { ensureFile, fileSize } from "./download";
import { volumeOf, type ImageInputs, type ImageState } from "./inputs";

const stateOf = (inputs: ImageInputs, size: number): ImageState =>
  canonical({ ...inputs, changed: undefined, volume: volumeOf(inputs), size });

async function adopt(client: ProxmoxClient, inputs: ImageInputs): Promise<ImageState> {
  const size = await fileSize(client, inputs);
  if (size === undefined)
    throw new Error(`${volumeOf(inputs)} is not there, and adopting downloads nothing - a plain up does`);
  return stateOf(inputs, size);
}

async function look(
  client: ProxmoxClient,
  state: ImageState,
): Promise<{ inputs: ImageInputs; props: ImageState } | undefined> {
  const found = await fileSize(client, state);
  if (found === undefined) return undefined;
  const changed = found === state.size ? undefined : `${state.volume} has ${found} bytes, it had ${state.size}`;
  const { volume, size, ...known } = state;
  const inputs = canonical({ ...known, changed });
  return { inputs, props: canonical({ ...inputs, volume, size }) };
}

/** @param world what the lifecycle reaches; the process's own outside tests. */
export function imageLifecycle(world: {
  readonly client: () => ProxmoxClient;
  readonly tell: (text: string) => void;
  readonly adoption?: () => Adoption | undefined;
}): Lifecycle<ImageInputs, ImageState> {
  return spoken(({ file }) => `image ${file ?? "?"}`, {
    check: (olds, news) => Promise.resolve(checkImage(olds, news)),

    diff: () => Promise.resolve({ deleteBeforeReplace: true }),

    async create(inputs) {
      const client = world.client();
      const outs =
        world.adoption?.() === undefined
          ? stateOf(inputs, await ensureFile(client, inputs))
          : await adopt(client, inputs);
      return { id: outs.volume, outs };
    },

    // One that is gone is downloaded anew by the next up: disks made from it don't need it any more.
    async read(id, state) {
      const seen = await look(world.client(), state);
      return seen === undefined ? {} : { id, ...seen };
    },

    async update(_id, olds, news) {
      const client = world.client();
      if (volumeOf(news) !== olds.volume || news.node !== olds.node)
        world.tell(`image ${news.file}: ${olds.volume} is not the house's any more and stays where it is`);
      else if (news.checksum === olds.checksum && (await fileSize(client, news)) === olds.size)
        return { outs: stateOf(news, olds.size) };
      return { outs: stateOf(news, await ensureFile(client, news)) };
    },

    delete: (_id, { volume }) => {
      world.tell(`${volume} stays where it is: remove it in Proxmox when nothing needs it`);
      return Promise.resolve();
    },
  });
}

export const lifecycle = imageLifecycle({
  client: () => clientFor(process.env),
  tell: (text) => {
    console.warn(text);
  },
  adoption: () => adoptionFrom(process.env),
});
