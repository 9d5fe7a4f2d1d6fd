/** What a look at Proxmox has to know of each kind of resource: its title, how it is read, and what the house wants of it. */
import { imageArgs } from "../../components/imageArgs";
import { storageArgs } from "../../components/storageArgs";
import { vmUuid } from "../../components/identity";
import { vmArgs } from "../../components/vmArgs";
import type { House } from "../../house/schema";
import { declarable } from "../../house/unknowns";
import type { CheckFailure } from "../../providers/lifecycle";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { checkImage } from "../../providers/proxmox/image/check";
import type { ImageState } from "../../providers/proxmox/image/inputs";
import { imageLifecycle } from "../../providers/proxmox/image/lifecycle";
import { checkStorage } from "../../providers/proxmox/storage/check";
import type { StorageState } from "../../providers/proxmox/storage/inputs";
import { storageLifecycle } from "../../providers/proxmox/storage/lifecycle";
import { checkVm } from "../../providers/proxmox/vm/check";
import type { VmState } from "../../providers/proxmox/vm/inputs";
import { vmLifecycle } from "../../providers/proxmox/vm/lifecycle";
import type { RecordedResource } from "./recorded";

export type ProxmoxKind = "Vm" | "Storage" | "DownloadedImage";

type Properties = Readonly<Record<string, unknown>>;

interface Asked {
  readonly house: House;
  readonly stack: string;
  readonly project: string;
  readonly name: string;
}

interface Kind {
  readonly title: (name: string, id: string) => string;
  /** By name in the house, with Proxmox's id: what an `up` would declare. */
  readonly inHouse: (house: House) => readonly (readonly [name: string, id: string])[];
  /** What the provider's `read` gives back for the recorded state: canonical inputs; `{}` where there is nothing. */
  readonly read: (client: ProxmoxClient, id: string, state: Properties) => Promise<{ inputs?: object }>;
  /** As `check` would pass it on after this look; `undefined` where the house has no such part. */
  readonly wanted: (asked: Asked, live: Properties) => { inputs: object; failures: CheckFailure[] } | undefined;
}

const quiet = { rootLogin: () => undefined, tell: () => undefined };

export const PROXMOX_KINDS: Readonly<Record<ProxmoxKind, Kind>> = {
  Vm: {
    title: (name, id) => `VM ${id} ${name}`,
    inHouse: (house) => Object.entries(declarable(house)).map(([name, { vmid }]) => [name, String(vmid)]),
    read: (client, id, state) => vmLifecycle({ client: () => client, ...quiet }).read(id, state as unknown as VmState),
    wanted({ house, stack, project, name }, live) {
      const vm = declarable(house)[name];
      return vm && checkVm(live, vmArgs(house, vm, vmUuid(project, stack, vm.vmid)), () => undefined);
    },
  },
  Storage: {
    title: (name) => `storage ${name}`,
    inHouse: ({ storages = {} }) => Object.keys(storages).map((id) => [id, id]),
    read: (client, id, state) => storageLifecycle(() => client).read(id, state as unknown as StorageState),
    wanted({ house, name }, live) {
      const storage = house.storages?.[name];
      return storage && checkStorage(live, storageArgs(house, name, storage));
    },
  },
  DownloadedImage: {
    title: (name) => `image ${name}`,
    inHouse: ({ images = {} }) => Object.keys(images).map((name) => [name, name]),
    read: (client, id, state) =>
      imageLifecycle({ client: () => client, ...quiet }).read(id, state as unknown as ImageState),
    wanted({ house, name }, live) {
      const image = house.images?.[name];
      return image && checkImage(live, imageArgs(house, image));
    },
  },
};

export type ProxmoxResource = RecordedResource & { readonly kind: ProxmoxKind };

export const isProxmox = (resource: RecordedResource): resource is ProxmoxResource => resource.kind in PROXMOX_KINDS;
