/**
 * The VPN fails closed, with real containers and a WireGuard tunnel between two guests: whatever becomes of the tunnel or its
 * container, nothing of its network leaves the guest but through the tunnel. Counted on the switch.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { qemuMachines, type QemuMachines } from "../../lab/guests/machines";
import { newKey } from "../../lab/ssh/keys";
import type { ComposeStackInputs } from "../../providers/compose/args";
import { containers } from "../../providers/compose/containers";
import { composeStackLifecycle } from "../../providers/compose/lifecycle";
import { fileKind } from "../../providers/guest/kinds/file";
import { networkGuardKind, type NetworkGuardSpec } from "../../providers/guest/kinds/networkGuard";
import { systemdUnitKind } from "../../providers/guest/kinds/systemdUnit";
import type { GuestRef } from "../../providers/guest/guest";
import type { Surroundings } from "../../providers/guest/lifecycle";
import { freshLogin } from "../../providers/guest/session";
import { ownKeys } from "../../providers/ssh/ownKeys";
import type { Lifecycle } from "../../providers/lifecycle";
import { connectHost } from "../../providers/ssh/connectHost";
import type { Host } from "../../providers/ssh/host";
import { resourceOf } from "../providers/guest/guest";
import { describeWithGuests, mayInstall } from "./available";
import { logIn } from "./login";
import { watchOutside, type Outside } from "./outside";
import { HOUSE, machineOf, VpnStack, wireguardKeys } from "./vpnHouse";
import { attemptsScript, farEndScript, FLARESOLVERR, standInScript } from "./vpnStandIns";

const MINUTE = 60_000;
const BOOT_MS = 5 * MINUTE;

test("the stack of the project is one that the guest holds, and its images can be stood in for", () => {
  const dir = mkdtempSync(join(tmpdir(), "infinity-vpn-"));
  try {
    const ref = { name: "downloads", address: "127.0.0.1", port: 22, user: "evan" };
    const stack = new VpnStack(dir, ref, wireguardKeys().private);
    expect(stack.guard()).toEqual({
      ...{ name: "vpn", bridge: "br-vpn", endpointPort: 51820, neighbours: [] },
    });
    const { vpn } = stack.images();
    expect(stack.inputs("-next")).toMatchObject({
      vpn: { service: "vpn", bridge: "br-vpn" },
      services: { vpn: { image: `${vpn}-next` } },
    });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describeWithGuests("the VPN of the house", () => {
  const cleanUp: (() => unknown)[] = [];
  let machines: QemuMachines;
  let host: Host;
  let far: Host;
  let outside: Outside;
  let stack: VpnStack;
  let lifecycle: Lifecycle<ComposeStackInputs>;
  let ref: GuestRef;
  let surroundings: Surroundings;
  let guard: ReturnType<typeof resourceOf<NetworkGuardSpec, unknown>>;
  let guarded: NetworkGuardSpec;
  let state: ComposeStackInputs;

  const sh = async (on: Host, script: string, timeoutMs = 3 * MINUTE): Promise<string> =>
    (await on.run(["sh"], { stdin: script, sudo: true, timeoutMs })).stdout.trim();

  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), "infinity-vpn-"));
    cleanUp.push(() => {
      rmSync(dir, { recursive: true, force: true });
    });
    machines = await qemuMachines({ dir, snapshots: join(dir, "kept"), install: mayInstall, say: console.log });
    cleanUp.push(() => machines.close());
    const key = newKey();
    const guests = [HOUSE.downloads, HOUSE.far];
    await Promise.all(guests.map((guest) => machines.start(machineOf(guest, key.public))));
    const [one, other] = await Promise.all(
      guests.map(async ({ address }) => {
        const port = await machines.forward(address, 22);
        (await logIn({ port, username: "evan", privateKey: key.private, withinMs: BOOT_MS })).close();
        const target = { address: "127.0.0.1", port, user: "evan", auth: { kind: "key", text: key.private } } as const;
        const connected = connectHost(target);
        cleanUp.push(() => connected.close());
        return { target, host: connected };
      }),
    );
    if (!one || !other) throw new Error("two guests");
    ({ host } = one);
    far = other.host;
    const { target } = one;
    surroundings = {
      session: () => ({ host, login: () => freshLogin(target), keys: () => ownKeys(target) }),
      adoption: () => undefined,
    };
    ref = { name: "downloads", address: target.address, port: target.port, user: target.user };
    const [client, server] = [wireguardKeys(), wireguardKeys()];
    await sh(far, farEndScript({ private: server.private, client: client.public }, HOUSE.neighbour));
    stack = new VpnStack(dir, ref, client.private);
    lifecycle = composeStackLifecycle(surroundings, () => dir);
    guard = resourceOf({ ref, surroundings }, networkGuardKind);
    await sh(host, "mkdir -p /mnt/nas/downloads /mnt/cache/downloads; resolvectl llmnr eth0 off");
    // Rules before Docker: it starts by them.
    guarded = await guard.create(stack.guard());
    await sh(host, "systemctl start docker");
    const ends = { endpoint: HOUSE.far.address, publicKey: server.public };
    await sh(host, standInScript(stack.images(), ends));
    outside = watchOutside(machines, {
      ...{ mac: HOUSE.downloads.mac, neighbours: [], endpoint: HOUSE.far.address },
      answers: [22, 8112, 6789],
    });
    cleanUp.push(() => {
      outside.end();
    });
  }, 20 * MINUTE);

  afterAll(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  const pidOf = (service: string): Promise<string> =>
    sh(
      host,
      `docker inspect --format '{{.State.Pid}}' "$(docker ps -aq --filter label=com.docker.compose.service=${service})"`,
    );

  const ATTEMPTS = attemptsScript({
    ...{ router: HOUSE.router, neighbour: HOUSE.neighbour, endpoint: HOUSE.far.address },
  });
  /** Everything that a client could try, from a container's network. @returns what was answered */
  const attempts = async (service: string): Promise<string> => {
    const { stdout } = await host.run(["nsenter", `--net=/proc/${await pidOf(service)}/ns/net`, "python3", "-"], {
      ...{ stdin: ATTEMPTS, sudo: true, timeoutMs: 2 * MINUTE },
    });
    return stdout.trim();
  };
  const fetched = (service: string, url: string): Promise<string> =>
    sh(
      host,
      `docker exec "$(docker ps -q --filter label=com.docker.compose.service=${service})" curl -sS -m 20 ${url}`,
    );
  const onLan = async (port: number): Promise<number> => {
    const forwarded = await machines.forward(HOUSE.downloads.address, port);
    return (await fetch(`http://127.0.0.1:${forwarded}/`)).status;
  };
  const services = async (): Promise<Record<string, string | undefined>> => {
    containers.forget(host);
    const { inputs } = await lifecycle.read("", state);
    return Object.fromEntries(Object.entries(inputs?.services ?? {}).map(([name, one]) => [name, one.state]));
  };
  const UP = { vpn: "up", deluge: "up", nzbget: "up" };

  test(
    "is deployed, tight as far as the leak check sees, and what its clients send leaves inside the tunnel only",
    async () => {
      outside.strays();
      state = (await lifecycle.create(stack.inputs())).outs;
      expect(await services()).toEqual(UP);
      outside.tunnelled();
      expect(await fetched("deluge", "http://198.51.100.7/")).toBe("the far end");
      expect(outside.tunnelled()).toBeGreaterThan(5);
      // Through the tunnel, too, its end can be asked for what it serves itself.
      expect(await attempts("deluge")).toBe(`tcp ${HOUSE.far.address} 22 None`);
      expect(outside.strays()).toEqual([]);
    },
    8 * MINUTE,
  );

  test(
    "the LAN and the house's other VMs reach the web interfaces, and the clients none of them",
    async () => {
      expect([await onLan(8112), await onLan(6789)]).toEqual([200, 200]);
      const near = `curl -sS -m 20 --interface ${HOUSE.neighbour} http://${HOUSE.downloads.address}:8112/`;
      expect(await sh(far, near)).toBe("a web interface");
      // By the tunnel: its far end has that address, too. Not a packet of it went by the LAN.
      expect(await fetched("nzbget", `http://${HOUSE.neighbour}/`)).toBe("the far end");
      expect(outside.strays()).toEqual([]);
    },
    MINUTE,
  );

  test(
    "rules that were flushed are seen; without them the same attempts do get out; they come back",
    async () => {
      await sh(host, "nft delete table inet infinity_vpn");
      await attempts("vpn");
      const strays = outside.strays();
      expect(strays).toEqual(
        expect.arrayContaining([
          ...[`udp ${HOUSE.router}:53`, "udp 198.51.100.7:53"],
          `tcp ${HOUSE.neighbour}:${FLARESOLVERR}`,
        ]),
      );
      expect(await guard.read(guarded)).toEqual({ ...guarded, inForce: false });
      await guard.update(guarded, stack.guard());
      expect(await guard.read(guarded)).toEqual(guarded);
      outside.strays();
      await attempts("vpn");
      expect(outside.strays()).toEqual([]);
    },
    3 * MINUTE,
  );

  test(
    "nothing leaves while the tunnel is down",
    async () => {
      await sh(host, `nsenter --net=/proc/${await pidOf("vpn")}/ns/net ip link delete tun0`);
      expect(await attempts("deluge")).toBe("");
      expect(outside.strays()).toEqual([]);
      expect([await onLan(8112), outside.strays()]).toEqual([200, []]);
    },
    2 * MINUTE,
  );

  test(
    "nothing leaves while its container is stopped, or restarts and no tunnel comes up",
    async () => {
      await sh(far, "ip link set wg0 down");
      await sh(host, "docker stop vpn-vpn-1");
      expect(await attempts("deluge")).toBe("");
      await sh(host, "docker start vpn-vpn-1");
      expect(await attempts("vpn")).toBe("");
      await sh(host, "docker restart vpn-vpn-1");
      expect(await attempts("vpn")).toBe("");
      expect(outside.strays()).toEqual([]);
    },
    4 * MINUTE,
  );

  test(
    "its clients, left behind without a network, are found, and have one again after the next up",
    async () => {
      await sh(far, "ip link set wg0 up");
      expect(await services()).toMatchObject({ deluge: "no network", nzbget: "no network" });
      await lifecycle.update("", state, state);
      expect(await services()).toEqual(UP);
      expect(await fetched("deluge", "http://198.51.100.7/")).toBe("the far end");
      expect(outside.strays()).toEqual([]);
    },
    8 * MINUTE,
  );

  test(
    "a newer version of it takes its clients along",
    async () => {
      const before = await pidOf("nzbget");
      state = (await lifecycle.update("", state, stack.inputs("-next"))).outs;
      expect(await services()).toEqual(UP);
      expect(await pidOf("nzbget")).not.toBe(before);
      expect(await fetched("nzbget", "http://198.51.100.7/")).toBe("the far end");
      expect(outside.strays()).toEqual([]);
    },
    8 * MINUTE,
  );

  test(
    "its clients have its network again without anybody's doing, after it restarted and after Docker did",
    async () => {
      const { script, unit } = stack.rejoin();
      await resourceOf({ ref, surroundings }, fileKind).create(script);
      await resourceOf({ ref, surroundings }, systemdUnitKind).create(unit);
      const space = (service: string): string =>
        `docker inspect --format '{{.State.Pid}}' "$(docker ps -q --filter label=com.docker.compose.service=${service})" | sed 's,.*,/proc/&/ns/net,' | xargs stat -L -c %i`;
      const joined = `until [ "$(${space("deluge")}) $(${space("nzbget")})" = "$(${space("vpn")}) $(${space("vpn")})" ]; do sleep 1; done`;
      for (const restart of ["docker restart vpn-vpn-1", "systemctl restart docker"]) {
        await sh(host, restart);
        await sh(host, joined);
        await sh(host, `flock /opt/stacks/vpn/.lock true`);
        expect(await fetched("nzbget", "http://198.51.100.7/")).toBe("the far end");
      }
      expect(outside.strays()).toEqual([]);
      await sh(host, `systemctl disable --now ${unit.name}`);
    },
    8 * MINUTE,
  );

  test(
    "a version that is healthy and has no tunnel is stopped by the deploy, and nothing of it left, by hand neither",
    async () => {
      const leaking = stack.inputs("-no-tunnel");
      await expect(lifecycle.update("", state, leaking)).rejects.toThrow(
        /leaks around its VPN, so all of it was stopped\n.*its way to the internet is eth0, which is no tunnel/,
      );
      expect(Object.values(await services()).filter((one) => one === "up")).toEqual([]);
      await sh(host, "docker start vpn-vpn-1");
      expect(await attempts("vpn")).toBe("");
      expect(outside.strays()).toEqual([]);
    },
    8 * MINUTE,
  );

  test(
    "the rules are there again after whatever flushes them starts: Docker, nftables",
    async () => {
      const there = async (flush: string): Promise<unknown> => {
        await sh(host, flush);
        return guard.read(guarded);
      };
      expect(await there("nft flush ruleset; systemctl restart docker")).toEqual(guarded);
      expect(await there("systemctl restart nftables")).toEqual(guarded);
      expect(await there("systemctl reload nftables")).toEqual(guarded);
      expect(await there("systemctl stop nftables")).toEqual(guarded);
    },
    4 * MINUTE,
  );
});
