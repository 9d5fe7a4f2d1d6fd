/**
 * A house of one VM with the VPN's stack, as the program would deploy it on a real guest, and the far end of its tunnel on
 * another one. Starts two guests; everything on them is made by the provider's own code, but for the stand-in images.
 */
import { generateKeyPairSync } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stackFolders } from "../../components/stackFolders";
import { guardArgs, rejoinArgs, stackArgs, type ScriptedUnit } from "../../components/stackArgs";
import { knownGuests } from "../../house/guests";
import { parseHouse } from "../../house/house";
import { plannedStacks, type PlannedStack } from "../../house/stacks/planned";
import type { ComposeStackInputs } from "../../providers/compose/args";
import { checkComposeStack } from "../../providers/compose/check";
import type { GuestRef } from "../../providers/guest/guest";
import { formatProblem } from "../../values/problem";

export const HOUSE = {
  router: "192.168.86.1",
  downloads: { vmid: 101, mac: "BC:24:11:00:01:01", address: "192.168.86.173" },
  /** The far end: with an address of its own, and one that is another VM of the house's. */
  far: { vmid: 200, mac: "BC:24:11:00:02:00", address: "192.168.86.200" },
  neighbour: "192.168.86.174",
} as const;

/** As `wg genkey` and `wg pubkey` would. */
export function wireguardKeys(): { readonly private: string; readonly public: string } {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const tail = (der: Buffer): string => der.subarray(-32).toString("base64");
  return {
    private: tail(privateKey.export({ type: "pkcs8", format: "der" })),
    public: tail(publicKey.export({ type: "spki", format: "der" })),
  };
}

/** What Proxmox's configuration says of one of the guests. */
export const machineOf = ({ vmid, mac, address }: (typeof HOUSE)["downloads" | "far"], sshKey: string) => ({
  vmid,
  disks: { scsi0: 8 * 2 ** 30 },
  config: {
    ...{ name: `vpn-${vmid}`, agent: "1", boot: "order=scsi0", ciuser: "evan", sshkeys: encodeURIComponent(sshKey) },
    ...{ scsi0: `local-lvm:vm-${vmid}-disk-0,size=8G`, ide2: `local-lvm:vm-${vmid}-cloudinit,media=cdrom` },
    ...{ net0: `virtio=${mac},bridge=vmbr0`, ipconfig0: `ip=${address}/24,gw=${HOUSE.router}` },
  },
});

const SECTIONS = {
  network: { cidr: "192.168.86.0/24", gateway: 1 },
  hypervisor: { node: "infinity-node", address: 10, memory: "96GiB" },
  nas: { address: 43, export: "/volume1/infinity-node", library: { downloads: ["complete"] } },
  vms: {
    downloads: {
      ...{ vmid: 101, hostname: "downloads", address: 173, state: "running", cpu: { cores: 2 }, memory: "4GiB" },
      disks: { scsi0: { storage: "local-lvm", size: "32GiB" } },
      guest: { user: "evan", docker: {} },
      services: ["vpn"],
    },
    arr: {
      ...{ vmid: 102, hostname: "arr", address: 174, state: "running", cpu: { cores: 2 }, memory: "4GiB" },
      disks: { scsi0: { storage: "local-lvm", size: "32GiB" } },
    },
  },
};

/** A first check after half a minute is waited for; each one costs an emulated processor a second. */
const quicker = (text: string): string => text.replace(/interval: \d+s/g, "interval: 8s");

/** The stack of the project, as it would be in a checkout of its own; another version of the VPN's image where one is named. */
export class VpnStack {
  private readonly folder: string;

  /** @param root a folder for that checkout */
  constructor(
    readonly root: string,
    private readonly host: GuestRef,
    private readonly key: string,
  ) {
    this.folder = join(root, "stacks/vpn");
    mkdirSync(this.folder, { recursive: true });
    cpSync("stacks/vpn", this.folder, { recursive: true });
    this.edit(quicker);
  }

  private edit(change: (text: string) => string): void {
    const path = join(this.folder, "docker-compose.yml");
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  private planned(): { planned: PlannedStack; args: ReturnType<typeof stackArgs> } {
    const result = parseHouse({ sections: SECTIONS, folders: stackFolders(join(this.root, "stacks")) });
    if ("problems" in result) throw new Error(result.problems.map(formatProblem).join("\n"));
    const secrets = { vpn: { VPN_PRIVATE_KEY: this.key, NZBGET_PASSWORD: "for the test" } };
    const plan = plannedStacks(result.house, result.stacks, secrets);
    const [planned] = plan.stacks;
    const guest = knownGuests(result.house).downloads;
    if (!planned || !guest) throw new Error(plan.lacking.map(formatProblem).join("\n"));
    return { planned, args: stackArgs(planned, guest) };
  }

  images(): Readonly<Record<"vpn" | "deluge" | "nzbget", string>> {
    const { services } = this.planned().planned.deployment;
    const of = (name: string): string => services[name]?.image ?? "";
    return { vpn: of("vpn"), deluge: of("deluge"), nzbget: of("nzbget") };
  }

  guard(): NonNullable<ReturnType<typeof guardArgs>> {
    const args = guardArgs(this.planned().planned);
    if (!args) throw new Error("the VPN's stack says nothing of its VPN");
    return args;
  }

  rejoin(): ScriptedUnit {
    const args = rejoinArgs(this.planned().planned);
    if (!args) throw new Error("the VPN's stack says nothing of its VPN");
    return args;
  }

  /** @param version what stands behind the image's own version: `-next`. @default as it is */
  inputs(version = ""): ComposeStackInputs {
    this.edit((text) => text.replace(/(image: \S+gluetun:v[0-9.]+)\S*/, `$1${version}`));
    const { planned, args } = this.planned();
    const env = Object.entries(planned.deployment.environment).map(([name, { value }]) => [name, value] as const);
    const { inputs, failures } = checkComposeStack({}, { ...args, host: this.host, env: Object.fromEntries(env) });
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  }
}
