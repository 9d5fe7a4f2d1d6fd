/**
 * A house of two VMs with a NAS, brought up by the real engine, on simulated guests or on real ones: the same house, and
 * the same hands at each guest. Starts what it needs on this machine, and ends it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGuests } from "../../lab/guest/guests";
import { connectHost } from "../../providers/ssh/connectHost";
import { openWorld, type Sections, type World } from "../e2e/world";
import { makeCheckout, type Checkout } from "./checkout";

/** What somebody does who has logged in to a guest and is root there. */
export interface Hands {
  /** @returns what it printed @throws Error where it fails */
  run(...command: readonly string[]): Promise<string>;
  write(path: string, text: string): Promise<void>;
  close(): Promise<void>;
}

export type VmName = "first" | "second";

export interface HouseWorld {
  readonly world: World;
  readonly checkout: Checkout;
  readonly at: Readonly<Record<VmName, Hands>>;
  /** The second VM has these services from the next run on. */
  describe(services: readonly unknown[]): void;
  close(): Promise<void>;
}

export const VMS = {
  first: { vmid: 120, address: 120, services: ["emby", "newt", "portainer", "watchtower"], readOnly: true },
  second: { vmid: 121, address: 121, services: ["flaresolverr", "portainer", "watchtower"], readOnly: false },
} as const;

export const NAS = { address: 43, export: "/volume1/infinity-node" } as const;

export interface Access {
  /** Private key that lets the program in, and its line of `authorized_keys`. */
  readonly key: string;
  readonly publicKey: string;
  /** Ports on 127.0.0.1 that the guests answer at. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * @param docker packages that bring Docker; none where it is there already.
 * @param second services of the second VM.
 */
export function sectionsOf(
  { key, publicKey, ports }: Access,
  docker: readonly string[],
  second: readonly unknown[] = VMS.second.services,
): Sections {
  const hosts = Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { address: "127.0.0.1", port }]));
  const vms = Object.entries(VMS).map(([name, { vmid, address, services, readOnly }]) => [
    name,
    {
      ...{ vmid, address, state: "running", agent: true, cpu: { cores: 2 }, memory: "2GiB" },
      services: name === "second" ? second : services,
      disks: { scsi0: { storage: "local-lvm", size: "8GiB" } },
      cloudInit: { storage: "local-lvm", user: "evan", sshKeys: [publicKey] },
      guest: { mount: { readOnly } },
    },
  ]);
  return {
    network: { cidr: "192.168.86.0/24", gateway: 1, dns: [1] },
    hypervisor: { memory: "96GiB" },
    ssh: { key, hosts },
    nas: { ...NAS, library: { media: ["movies", "tv"] } },
    guests: {
      user: "evan",
      users: {
        evan: { sudo: "passwordless", keys: [publicKey] },
        inspector: { groups: ["docker"], sudo: "none", keys: [publicKey] },
      },
      otherUsers: "locked",
      sshServer: { passwords: false, rootLogin: false },
      upgrades: { reboot: "04:30" },
      docker: docker.length > 0 ? { packages: docker } : {},
    },
    tunnel: { server: "192.0.2.1", endpoint: "pangolin" },
    domain: "example.com",
    settings: { newt: { NEWT_ID: "newt-of-first" } },
    secrets: { newt: { NEWT_SECRET: "newt-newt-newt" }, portainer: { ADMIN_PASSWORD: "portainer-portainer" } },
    vms: Object.fromEntries(vms) as Sections,
  };
}

/** The log-in that the program has, too: what differs from its own is whose hands these are. */
export function handsAt({ key, ports }: Access, name: VmName): Hands {
  const auth = { kind: "key", text: key } as const;
  const host = connectHost({ address: "127.0.0.1", port: ports[name], user: "evan", auth });
  return {
    run: async (...command) => (await host.run(command, { sudo: true })).stdout,
    write: (path, text) => host.writeFile(path, text, { sudo: true, mode: 0o644 }),
    close: () => host.close(),
  };
}

/** How a version of a stack's image is, on guests where no container really runs: as the stand-ins of real ones. */
const ENDS = { health: "exited", log: "ends at once, as its version says\n" } as const;

export async function simulatedHouse(): Promise<HouseWorld> {
  const dir = mkdtempSync(join(tmpdir(), "infinity-house-"));
  const checkout = makeCheckout();
  const served: { world?: World } = {};
  const guests = await startGuests({
    dir,
    guests: Object.entries(VMS).map(([name, { vmid }]) => ({ name, vmid, hostname: name, user: "evan" })),
    isRunning: (vmid) => {
      const { world } = served;
      return world === undefined ? false : world.proxmox.world.vms[vmid]?.running !== undefined;
    },
  });
  for (const { state } of Object.values(guests.byName)) state.badImages[`${checkout.imageOf("portainer")}-ends`] = ENDS;
  const sections = (second?: readonly unknown[]): Sections => sectionsOf(guests.serving, ["docker.io"], second);
  const world = await openWorld("house", sections(), {}, checkout.root);
  served.world = world;
  const at = { first: handsAt(guests.serving, "first"), second: handsAt(guests.serving, "second") };
  return {
    world,
    checkout,
    at,
    describe: (second) => {
      world.describe(sections(second));
    },
    close: async () => {
      await Promise.all(Object.values(at).map((hands) => hands.close()));
      await world.close();
      await guests.close();
      checkout.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
