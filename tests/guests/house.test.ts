/**
 * A house of two VMs and a NAS that boot: all is real but for the node and what is in the images. What befalls its services
 * is what befalls those of simulated guests, and must be seen to be the same.
 */
import { backOff } from "exponential-backoff";
import { adopting, leftOut } from "../e2e/adopting";
import { describeWithGuests } from "./available";
import { EXPECTED } from "./expected";
import { realHouse, type RealHouse } from "./realHouse";
import { playScenario, servicesOf } from "./scenario";

const MINUTE = 60_000;
/** With the building of the image, where there is none yet. */
const PREPARED_MS = 15 * MINUTE;

/** A package of one's own, in a folder that apt takes for a source; nothing else is one, as nothing else is reached. */
const PACKAGE = "infinity-node-test";
const PACKAGE_SOURCE = `set -e
mkdir -p /srv/made/DEBIAN /srv/packages
printf 'Package: ${PACKAGE}\\nVersion: 1\\nArchitecture: all\\nMaintainer: evan\\nDescription: none\\n' >/srv/made/DEBIAN/control
dpkg-deb --build /srv/made /srv/packages/made.deb
cd /srv/packages
{ cat /srv/made/DEBIAN/control
  echo "Filename: ./made.deb"
  echo "Size: $(stat -c %s made.deb)"
  echo "SHA256: $(sha256sum made.deb | cut -d ' ' -f 1)"; } >Packages
rm -rf /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/packages ./' >/etc/apt/sources.list`;

interface Interface {
  readonly "hardware-address": string;
  readonly "ip-addresses"?: readonly { readonly "ip-address": string; readonly prefix: number }[];
}

describeWithGuests("a house on real guests", () => {
  let house: RealHouse;
  beforeAll(async () => {
    house = await realHouse(console.log);
  }, PREPARED_MS);
  afterAll(() => house.close(), MINUTE);

  const onFirst = (script: string): Promise<string> => house.at.first.run("sh", "-c", script);
  const power = async (vmid: number, change: string): Promise<void> => {
    const { hands } = house.world;
    await hands.task(await hands.post<string>(`/nodes/infinity-node/qemu/${vmid}/status/${change}`));
  };
  const clean = () => house.world.pulumi(["preview", "--refresh", "--expect-no-changes"]);

  test(
    "the services of two VMs are brought up from nothing, broken by hand, found, repaired, updated, and saved from a bad update, as on simulated guests",
    async () => {
      expect(await playScenario(house)).toEqual(EXPECTED);
    },
    40 * MINUTE,
  );

  test(
    "inside, a VM is what the house says",
    async () => {
      const asked = [
        "hostname",
        "cloud-init status | grep -o 'status: .*'",
        "ip -4 -br address show eth0 | awk '{ print $2, $3 }'",
        "ip -4 route show default | grep -o 'via .* dev eth0'",
        "resolvectl dns eth0 | grep -o ': .*'",
      ];
      const said = (await onFirst(asked.join(";"))).trim().split("\n");
      expect(said).toEqual([
        "first",
        "status: done",
        "UP 192.168.86.120/24",
        "via 192.168.86.1 dev eth0",
        ": 192.168.86.1",
      ]);
      // The first boot grows the file system to what the house says of the disk.
      expect(Number(await onFirst("df --output=size -BG / | tail -1 | tr -dc 0-9"))).toBeGreaterThanOrEqual(7);
    },
    2 * MINUTE,
  );

  test(
    "its agent tells Proxmox the address",
    async () => {
      const path = "/nodes/infinity-node/qemu/120/agent/network-get-interfaces";
      const { result } = await house.world.hands.get<{ readonly result: readonly Interface[] }>(path);
      const mac = (await onFirst("cat /sys/class/net/eth0/address")).trim();
      const addresses = result.find((one) => one["hardware-address"] === mac)?.["ip-addresses"];
      expect(addresses).toContainEqual(expect.objectContaining({ "ip-address": "192.168.86.120", prefix: 24 }));
    },
    MINUTE,
  );

  test(
    "apt installs a package that the house asks for",
    async () => {
      const { world } = house;
      await onFirst(PACKAGE_SOURCE);
      world.override([["config", "infinity-node:vms", "first", "guest", "packages"], [PACKAGE]]);
      await world.up();
      expect(await onFirst(`dpkg-query -W -f '\${Status}' ${PACKAGE}`)).toBe("install ok installed");
      await clean();
      world.override();
    },
    10 * MINUTE,
  );

  test(
    "a stack that forgot it takes it over by looks alone, and its preview is clean",
    async () => {
      const { world, checkout } = house;
      const known = Object.keys(world.resources()).sort();
      const made = () =>
        onFirst("docker ps -aq --no-trunc | sort; find /etc /opt/stacks -newer /tmp/forgotten -type f");
      const { adopt, forget } = await adopting(world, checkout.root);
      await onFirst("touch /tmp/forgotten");
      const before = await made();
      await forget((urn) => !urn.includes("pulumi:pulumi:Stack"));
      const { code, said } = await adopt();
      expect({ code, left: leftOut(said) }).toEqual({ code: 0, left: [] });
      expect(Object.keys(world.resources()).sort()).toEqual(known);
      await clean();
      expect(await made()).toBe(before);
    },
    10 * MINUTE,
  );

  test(
    "a guest that was kept goes on from there, at today's time, instead of booting",
    async () => {
      const { machines, at } = house;
      const boot = () => at.second.run("cat", "/proc/sys/kernel/random/boot_id");
      const before = await boot();
      await machines.snapshot(121);
      // Still there, and none the wiser.
      expect(await boot()).toBe(before);
      await power(121, "stop");
      await machines.remove(121);
      await power(121, "start");
      expect(await boot()).toBe(before);
      expect(Math.abs(Number(await at.second.run("date", "+%s")) - Date.now() / 1000)).toBeLessThan(60);
    },
    5 * MINUTE,
  );

  // A boot, and Docker's wait for a NAS that doesn't answer.
  test(
    "a VM that loses power in the middle of a deployment, and its NAS, comes back with it; the next up ends what was begun",
    async () => {
      const { world, machines, checkout } = house;
      const nas = await machines.nas;
      const within = (attempts: number) => ({ numOfAttempts: attempts, startingDelay: 5000, timeMultiple: 1 });
      const emby = () => onFirst("docker inspect --format '{{.State.Status}} {{.State.Error}}' emby-emby-1");

      checkout.version("portainer", "-next");
      const link = "readlink /opt/stacks/portainer/current";
      const cut = async (): Promise<void> => {
        await onFirst(`before=$(${link}); until [ "$(${link})" != "$before" ]; do sleep 0.2; done`);
        await nas?.cable(false);
        await power(120, "reset");
      };
      const said = await Promise.all([
        world.pulumi(["up", "--yes", "--skip-preview", "--continue-on-error"], 1),
        cut(),
      ]);
      expect(said[0]).toContain("stack portainer on first");

      await backOff(async () => {
        expect(await emby()).toMatch(/^exited \S/);
      }, within(120));
      await nas?.cable(true);
      await backOff(async () => {
        expect((await servicesOf(house, "first"))["emby/emby"]).toBe(EXPECTED.up.first["emby/emby"]);
      }, within(60));

      await world.up();
      await clean();
      expect(await servicesOf(house, "first")).toEqual(EXPECTED.updated.services);
    },
    30 * MINUTE,
  );
});
