/** A stack with a VPN on a simulated guest: a release that leaks counts as no good one, and nothing of it goes on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ComposeStackInputs } from "../../../providers/compose/args";
import { checkComposeStack } from "../../../providers/compose/check";
import { containers } from "../../../providers/compose/containers";
import { composeStackLifecycle } from "../../../providers/compose/lifecycle";
import { sha256 } from "../../../providers/compose/digest";
import type { Lifecycle } from "../../../providers/lifecycle";
import { openGuest, type TestGuest } from "../guest/guest";

let guest: TestGuest;
let root: string;
let lifecycle: Lifecycle<ComposeStackInputs>;

beforeEach(async () => {
  guest = await openGuest();
  guest.state.packages.push("docker.io", "nftables");
  guest.state.tables = { infinity_vpn: "table inet infinity_vpn {\n}\n" };
  root = mkdtempSync(join(tmpdir(), "infinity-leaks-"));
  mkdirSync(join(root, "stacks/vpn"), { recursive: true });
  lifecycle = composeStackLifecycle(guest.surroundings, () => root);
});

afterEach(async () => {
  const unknown = await guest.end();
  rmSync(root, { recursive: true, force: true });
  expect(unknown).toEqual([]);
});

function stack(image: string, service = "vpn"): { inputs: ComposeStackInputs; failures: readonly object[] } {
  const text = stringify({
    name: "vpn",
    services: {
      vpn: { image, healthcheck: { test: ["CMD", "true"] } },
      deluge: { image: "deluge:2", network_mode: "service:vpn" },
    },
  });
  writeFileSync(join(root, "stacks/vpn/docker-compose.yml"), text);
  const files = { "docker-compose.yml": sha256(text) };
  const services = { vpn: { image }, deluge: { image: "deluge:2" } };
  const vpn = { service, bridge: "br-vpn" };
  return checkComposeStack({}, { host: guest.ref, project: "vpn", source: "stacks/vpn", files, services, vpn });
}

const create = async (image: string): Promise<ComposeStackInputs> => (await lifecycle.create(stack(image).inputs)).outs;
const states = (): string[] => guest.state.containers.map(({ service, status }) => `${service} ${status}`).sort();
const good = async (): Promise<string> => (await guest.by(["readlink", "--", "/opt/stacks/vpn/good"])).stdout.trim();

const LEAK = "vpn-vpn-1: its way to the internet is eth0, which is no tunnel";

test("that is tight comes up, and is checked no more while nothing changes", async () => {
  const state = await create("gluetun:1");
  expect(states()).toEqual(["deluge running", "vpn running"]);
  expect(await good()).toMatch(/^releases\//);
  containers.forget(guest.host);
  expect((await lifecycle.read("", state)).inputs).toEqual(state);
});

test("that leaks is stopped, says what leaks, and the former release doesn't come back instead", async () => {
  const state = await create("gluetun:1");
  const former = await good();
  guest.state.leaks = { "web:1": LEAK };
  const news = stack("web:1").inputs;
  await expect(lifecycle.update("", state, news)).rejects.toThrow(
    /release [0-9a-f]{16} leaks around its VPN, so all of it was stopped\n {2}vpn-vpn-1: its way to the internet is eth0/,
  );
  expect(states()).toEqual(["deluge exited", "vpn exited"]);
  expect(await good()).toBe(former);
  // Seen by the next look, tried anew by the next run, and up once it is right.
  containers.forget(guest.host);
  expect((await lifecycle.read("", news)).inputs?.services.vpn?.state).toBe("exited (143)");
  await expect(lifecycle.update("", news, news)).rejects.toThrow("leaks around its VPN");
  guest.state.leaks = {};
  await lifecycle.update("", news, news);
  expect(states()).toEqual(["deluge running", "vpn running"]);
  expect(await good()).not.toBe(former);
});

test("whose guard isn't loaded is stopped as well", async () => {
  guest.state.tables = {};
  await expect(create("gluetun:1")).rejects.toThrow(/all of it was stopped\n {2}the guard's rules are not loaded/);
  expect(states()).toEqual(["deluge exited", "vpn exited"]);
});

test("that comes back because the newer one didn't come up, and leaks by now, is stopped too", async () => {
  const state = await create("gluetun:1");
  guest.state.badImages["gluetun:2"] = { health: "unhealthy", log: "no tunnel\n" };
  guest.state.leaks = { "gluetun:1": LEAK };
  await expect(lifecycle.update("", state, stack("gluetun:2").inputs)).rejects.toThrow(
    /did not come up, release [0-9a-f]{16} came back and leaks around its VPN, so all of it was stopped: vpn-vpn-1: its way/,
  );
  expect(states()).toEqual(["deluge exited", "vpn exited"]);
});

test("a VPN that is none of the services is refused", () => {
  expect(stack("gluetun:1", "tunnel").failures).toEqual([
    { property: "vpn.service", reason: "tunnel: is none of its services - name the one with the tunnel" },
  ]);
});
