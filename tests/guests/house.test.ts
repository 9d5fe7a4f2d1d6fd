/**
 * A house of two VMs and a NAS that boot: all is real but for the node and what is in the images. What befalls its services
 * is what befalls those of simulated guests, and must be seen to be the same.
 */
import { adopting, leftOut } from "../e2e/adopting";
import { describeWithGuests } from "./available";
import { EXPECTED } from "./expected";
import { realHouse, type RealHouse } from "./realHouse";
import { playScenario } from "./scenario";

const MINUTE = 60_000;
/** With the building of the image, where there is none yet. */
const PREPARED_MS = 15 * MINUTE;

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
  const clean = () => house.world.pulumi(["preview", "--refresh", "--expect-no-changes"]);

  test(
    "its services are brought up, broken by hand, found, repaired, updated, and saved from a bad update",
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
      const { world, machines, at } = house;
      const boot = () => at.second.run("cat", "/proc/sys/kernel/random/boot_id");
      const before = await boot();
      await machines.snapshot(121);
      // Still there, and none the wiser.
      expect(await boot()).toBe(before);
      const power = async (change: string): Promise<void> => {
        await world.hands.task(await world.hands.post<string>(`/nodes/infinity-node/qemu/121/status/${change}`));
      };
      await power("stop");
      await machines.remove(121);
      await power("start");
      expect(await boot()).toBe(before);
      expect(Math.abs(Number(await at.second.run("date", "+%s")) - Date.now() / 1000)).toBeLessThan(60);
    },
    5 * MINUTE,
  );
});
