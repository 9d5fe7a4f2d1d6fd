/**
 * The house of houseWorld.ts on real guests: Debian in QEMU behind the lab's Proxmox, with a NAS, a real Docker, and images
 * that stand in for those of its stacks. Starts three machines at the first `up`, which end with it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFolders } from "../../components/stackFolders";
import { qemuMachines, type QemuMachines } from "../../lab/guests/machines";
import { standInsOf, type StandIn } from "../../lab/guests/standIns/standIn";
import { newKey } from "../../lab/ssh/keys";
import { openWorld } from "../e2e/world";
import { mayInstall } from "./available";
import { makeCheckout } from "./checkout";
import { handsAt, NAS, sectionsOf, VMS, type HouseWorld } from "./houseWorld";

/** A first check after half a minute is waited for; each one costs an emulated processor a second. */
const HEALTH_INTERVAL = "15s";

export interface RealHouse extends HouseWorld {
  readonly machines: QemuMachines;
}

function standInsFor(root: string, services: readonly string[]): readonly StandIn[] {
  const folders = stackFolders(join(root, "stacks"));
  const stacks = services.flatMap((name) => {
    const files = folders.read(name)?.files;
    return files ? [{ file: "docker-compose.yml", files }] : [];
  });
  return standInsOf(stacks).standIns;
}

/** @param say takes a line for each thing that takes long. */
export async function realHouse(say: (line: string) => void): Promise<RealHouse> {
  const cleanUp: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of cleanUp.reverse()) await step();
  };
  try {
    const dir = mkdtempSync(join(tmpdir(), "infinity-house-"));
    cleanUp.push(() => {
      rmSync(dir, { recursive: true, force: true });
    });
    const checkout = makeCheckout(HEALTH_INTERVAL);
    cleanUp.push(() => {
      checkout.close();
    });
    const { public: publicKey, private: key } = newKey();
    const machines = await qemuMachines({
      ...{ dir, install: mayInstall, say },
      standIns: Object.fromEntries(
        Object.values(VMS).map(({ vmid, services }) => [vmid, standInsFor(checkout.root, services)]),
      ),
      nas: {
        address: `192.168.86.${NAS.address}`,
        subnet: { cidr: "192.168.86.0/24", gateway: "192.168.86.1" },
        export: NAS.export,
        folders: ["media", "media/movies", "media/tv"],
        owner: { uid: 1000, gid: 1000 },
      },
    });
    cleanUp.push(() => machines.close());
    const forwarded = Object.entries(VMS).map(
      async ([name, { address }]) => [name, await machines.forward(`192.168.86.${address}`, 22)] as const,
    );
    const access = { key, publicKey, ports: Object.fromEntries(await Promise.all(forwarded)) };
    const world = await openWorld("house", sectionsOf(access, []), { machines }, checkout.root);
    cleanUp.push(() => world.close());
    const at = { first: handsAt(access, "first"), second: handsAt(access, "second") };
    cleanUp.push(() => Promise.all(Object.values(at).map((hands) => hands.close())));
    const describe = (second: readonly unknown[]): void => {
      world.describe(sectionsOf(access, [], second));
    };
    return { world, checkout, at, machines, describe, close };
  } catch (error) {
    await close();
    throw error;
  }
}
