/** The guest itself: waited for, told apart from what will never let us in, and known by its key from then on. */
import { newKey } from "../../../lab/ssh/keys";
import { guestLifecycleOf, type GuestSpec, type Patience } from "../../../providers/guest/reach";
import { connectHost } from "../../../providers/ssh/connectHost";
import type { GuestRef } from "../../../providers/guest/guest";
import type { Host } from "../../../providers/ssh/host";
import { openGuest, type TestGuest } from "./guest";

let guest: TestGuest;
let hosts: Host[];

beforeEach(async () => {
  guest = await openGuest();
  hosts = [];
});

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  await guest.end();
});

/** As another process has it: a connection of its own, by what is recorded. */
const lifecycle = (patience?: Patience) =>
  guestLifecycleOf(({ hostKey }: GuestRef) => {
    const host = connectHost({ ...guest.target, hostKey }, { firstDelayMs: 1 });
    hosts.push(host);
    return { host, login: () => Promise.resolve(), keys: () => Promise.resolve([]) };
  }, patience);

const spec = (more: Partial<GuestSpec> = {}): GuestSpec => ({ ...guest.ref, hostKey: undefined, ...more });

const TRUE = { operation: "sudo -n -- true" };

/** As sudo or a shell says it; the guest stays so. */
const says = (stderr: string, exitCode: number, operation = TRUE.operation): void => {
  guest.faults.add({ match: { operation }, kind: "fail", stderr, exitCode, times: 1000 });
};

test("is known by the key that it showed first, and tells what it is", async () => {
  const { outs } = await lifecycle().create(spec());
  expect(outs).toMatchObject({ system: "Debian GNU/Linux 12 (bookworm)", connection: { hostKey: guest.hostKey } });
  const read = await lifecycle().read("emby", outs);
  expect(read.props).toEqual(outs);
  expect(read.inputs).not.toHaveProperty("connection");

  guest.present(newKey().private);
  await expect(lifecycle().read("emby", outs)).rejects.toThrow(/guest emby: .*host's key is SHA256:/);
  // Said to be another machine, it is.
  const { outs: after } = await lifecycle().update("emby", outs, spec({ hostKey: guest.hostKey }));
  expect(after.connection.hostKey).toBe(guest.hostKey);
});

test("that is coming up is waited for: nobody there, nobody let in, a connection that breaks", async () => {
  guest.faults.add({ match: TRUE, kind: "cut-before", times: 6 });
  const { outs } = await lifecycle().create(spec());
  expect(outs.system).toContain("Debian");
});

test("whose user may become root only once cloud-init is through is waited for", async () => {
  says("sudo: a password is required", 1);
  guest.faults.add({ match: { operation: /cloud-init status 2/ }, kind: "fail", exitCode: 0, stderr: "", times: 2 });
  const creation = lifecycle().create(spec());
  await expect(creation).rejects.toThrow("may not become root without a password");
  // Asked again while cloud-init was at it, and no longer than that.
  expect(guest.sent().filter((line) => line === TRUE.operation)).toHaveLength(3);
});

test.each([
  ["sudo: a password is required", 1, "evan may not become root without a password - allow it in /etc/sudoers.d"],
  ["sudo: sorry, you must have a tty to run sudo", 1, "becomes root on a terminal only - turn that off"],
  ["evan is not in the sudoers file.", 1, "evan may not become root without a password"],
  ["bash: line 1: sudo: command not found", 127, "there is no sudo - install it there"],
  ["zsh:1: command not found: sudo", 127, "there is no sudo"],
  ["fish: Unknown command: sudo", 127, "there is no sudo"],
  ["sh: 1: sudo: not found", 127, "there is no sudo"],
])("where nobody becomes root, that is said at once: %s", async (stderr, exitCode, message) => {
  says(stderr, exitCode);
  await expect(lifecycle().create(spec())).rejects.toThrow(message);
  expect(guest.sent().filter((line) => line === TRUE.operation)).toHaveLength(1);
});

describe("a key that is refused", () => {
  const FEW = { pauseMs: 40, comingUpMs: 10_000, upMs: 200 };

  test("is told at once where the house waits for nothing", async () => {
    Reflect.deleteProperty(guest.state.accounts, "evan");
    const asked = guest.connections;
    await expect(lifecycle(FEW).create(spec({ waitSeconds: 0 }))).rejects.toThrow(
      /doesn't let evan in with this key -/,
    );
    expect(guest.connections).toBe(asked + 1);
  });

  test("is tried a few times by a guest that is up, never so often that it shuts us out, and told with how often", async () => {
    Reflect.deleteProperty(guest.state.accounts, "evan");
    const asked = guest.connections;
    const made = lifecycle(FEW).create(spec());
    await expect(made).rejects.toThrow(/doesn't let evan in with this key, \d times in \d+ s since it answers - check/);
    expect(guest.connections - asked).toBeGreaterThan(1);
    expect(guest.connections - asked).toBeLessThan(5);
  });

  test("is waited for longer where the guest was seen coming up: cloud-init may not have written it yet", async () => {
    const { evan } = guest.state.accounts;
    Reflect.deleteProperty(guest.state.accounts, "evan");
    // The first connections are reset, as by a guest whose server isn't there yet; then its keys are late.
    guest.resetNext(4);
    const asked = guest.connections;
    const late = setInterval(() => {
      if (guest.connections - asked >= 4 + 6 && evan !== undefined) guest.state.accounts.evan = evan;
    }, 5);
    try {
      const { outs } = await lifecycle({ ...FEW, upMs: 0 }).create(spec());
      expect(outs.system).toContain("Debian");
    } finally {
      clearInterval(late);
    }
  });
});

test("a log-in shell that isn't like sh is told, with what to do", async () => {
  says("Unmatched '''.", 1, "sudo -n -- printf");
  await expect(lifecycle().create(spec())).rejects.toThrow(
    /evan's log-in shell doesn't take commands as sh does \(Unmatched '''\.\) - .*usermod -s \/bin\/bash evan/,
  );
  guest.faults.clear();
  says("This account is currently not available.", 1, "sudo -n -- ");
  await expect(lifecycle().create(spec())).rejects.toThrow(/log-in shell .*This account is currently not available/);
});
