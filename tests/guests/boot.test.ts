/**
 * The whole way is real but for the node: a house of one VM is brought up by the engine, the lab's Proxmox boots a Debian
 * for it, and the guest is what the house says.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { utils } from "ssh2";
import { qemuMachines, type QemuMachines } from "../../lab/guests/machines";
import { openWorld, type World } from "../e2e/world";
import { describeWithGuests, mayInstall } from "./available";
import { logIn, type Login } from "./login";
import { realGuest } from "./system";

/** An emulated boot takes 80 s on two idle cores; a machine that is busy with other suites is given three times that. */
const BOOT_MS = 240_000;
const IMAGE_MS = 900_000;
const MINUTE = 60_000;
const FULL = process.env.INFINITY_FULL === "1";

interface Interface {
  readonly name: string;
  readonly "hardware-address": string;
  readonly "ip-addresses"?: readonly { readonly "ip-address": string; readonly prefix: number }[];
}

const MAC = "BC:24:11:00:01:00";
const ADDRESS = "192.168.86.172";

/** @param sshKey one line of a `.pub` file */
const houseOfOne = (sshKey: string) => ({
  network: { cidr: "192.168.86.0/24", gateway: 1, dns: [1] },
  hypervisor: { memory: "96GiB" },
  vms: {
    emby: {
      ...{ vmid: 100, hostname: "infinity-node-emby", address: 172, state: "running", agent: true },
      ...{ cpu: { cores: 2 }, memory: "8GiB", nics: { net0: { mac: MAC } } },
      disks: { scsi0: { storage: "local-lvm", size: "82GiB" } },
      cloudInit: { storage: "local-lvm", user: "evan", sshKeys: [sshKey] },
    },
  },
});

describeWithGuests("a VM of the house that boots", () => {
  const key = utils.generateKeyPairSync("ed25519");
  const cleanUp: (() => unknown)[] = [];
  let machines: QemuMachines;
  let world: World;
  let guest: Login;

  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), "infinity-guests-"));
    cleanUp.push(() => {
      rmSync(dir, { recursive: true, force: true });
    });
    machines = await qemuMachines({ dir, snapshots: join(dir, "kept"), install: mayInstall, say: console.log });
    cleanUp.push(() => machines.close());
    world = await openWorld("guests", houseOfOne(key.public.trim()), { machines });
    cleanUp.push(() => world.close());
  }, IMAGE_MS);

  async function comeIn(): Promise<Login> {
    const port = await machines.forward(ADDRESS, 22);
    const login = await logIn({ port, username: "evan", privateKey: key.private, withinMs: BOOT_MS });
    cleanUp.push(() => {
      login.close();
    });
    return login;
  }

  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  test(
    "one up makes it and starts it, and the house's key lets in",
    async () => {
      await world.up();
      guest = await comeIn();
      expect(await guest.run("hostname")).toBe("infinity-node-emby");
    },
    BOOT_MS + MINUTE,
  );

  test(
    "inside, it is what the house says",
    async () => {
      expect(await guest.run("id -un; sudo -n id -un")).toBe("evan\nroot");
      expect(await guest.run("ip -4 -br address show eth0")).toMatch(/^eth0\s+UP\s+192\.168\.86\.172\/24/);
      expect(await guest.run("cat /sys/class/net/eth0/address")).toBe(MAC.toLowerCase());
      expect(await guest.run("ip -4 route show default")).toMatch(/^default via 192\.168\.86\.1 dev eth0/);
      expect(await guest.run("resolvectl dns eth0")).toMatch(/: 192\.168\.86\.1$/);
      expect(await guest.run("cloud-init status --wait")).toMatch(/status: done$/);
      // The first boot grows the file system to what the house says of the disk.
      expect(Number(await guest.run("df --output=size -BG / | tail -1 | tr -dc 0-9"))).toBeGreaterThan(75);
    },
    3 * MINUTE,
  );

  test(
    "its agent tells Proxmox the address",
    async () => {
      const path = "/nodes/infinity-node/qemu/100/agent/network-get-interfaces";
      const { result } = await world.hands.get<{ readonly result: readonly Interface[] }>(path);
      const eth0 = result.find(({ name }) => name === "eth0");
      expect(eth0?.["hardware-address"]).toBe(MAC.toLowerCase());
      expect(eth0?.["ip-addresses"]).toContainEqual(expect.objectContaining({ "ip-address": ADDRESS, prefix: 24 }));
    },
    MINUTE,
  );

  test(
    "nothing is left to change",
    async () => {
      await world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
    },
    MINUTE,
  );

  test(
    "a guest that was kept goes on from there, at today's time, instead of booting",
    async () => {
      const boot = () => guest.run("cat /proc/sys/kernel/random/boot_id");
      const before = await boot();
      await machines.snapshot(100);
      // Still there, and none the wiser.
      expect(await boot()).toBe(before);
      guest.close();
      const power = async (change: string): Promise<void> => {
        await world.hands.task(await world.hands.post<string>(`/nodes/infinity-node/qemu/100/status/${change}`));
      };
      await power("stop");
      await machines.remove(100);
      await power("start");
      const started = Date.now();
      guest = await comeIn();
      console.log(`log-in ${((Date.now() - started) / 1000).toFixed(1)} s after a start from what was kept`);
      expect(await boot()).toBe(before);
      expect(Math.abs(Number(await guest.run("date +%s")) - Date.now() / 1000)).toBeLessThan(MINUTE / 1000);
    },
    3 * MINUTE,
  );

  // Minutes where the processor is emulated: restarts of Docker and of systemd's view of its units.
  if (FULL)
    test(
      "what the house has inside it is made, found again, put right after an edit, and not written again",
      async () => {
        // The guest is its own NAS.
        const nas = "192.168.86.43";
        const share = "/volume1/infinity-node";
        await guest.run(
          `sudo sh -ec 'ip address add ${nas}/32 dev lo; mkdir -p ${share}; echo "${share} *(rw,no_subtree_check,fsid=1)" >/etc/exports; systemctl start nfs-server; exportfs -ra'`,
        );
        const target = { address: "127.0.0.1", port: await machines.forward(ADDRESS, 22), user: "evan" };
        const auth = { kind: "key", text: key.private } as const;
        const real = realGuest({ ...target, auth }, [key.public.trim()], `${nas}:${share}`);
        cleanUp.push(() => real.close());
        const { pieces } = real;
        await Promise.all(pieces.map((piece) => piece.create()));
        const settled = async (): Promise<void> => {
          for (const { live, recorded } of await Promise.all(pieces.map((piece) => piece.read())))
            expect(live).toEqual(recorded);
        };
        await settled();

        await guest.run(
          `sudo sh -ec 'echo edited >/etc/motd; usermod -aG sudo inspector; rm /etc/ssh/sshd_config.d/00-infinity-node.conf; umount /mnt/my-nas; systemctl stop "mnt-my\\x2dnas.automount"'`,
        );
        const found = await Promise.all(pieces.map((piece) => piece.read()));
        const edited = pieces.filter((_, index) => !isDeepStrictEqual(found[index]?.live, found[index]?.recorded));
        expect(edited.map(({ name }) => name)).toEqual(["user", "file", "SSH server", "mount"]);
        await Promise.all(pieces.map((piece) => piece.update()));
        await settled();

        real.changes();
        await Promise.all(pieces.map((piece) => piece.update()));
        expect(real.changes()).toEqual([]);
      },
      5 * MINUTE,
    );
});
