/**
 * A run is killed before and after each of its changing calls, and the next one starts at once, while Proxmox may still be
 * at work on the last call; tickets end in the middle; the certificate changes; two programs work on the same VMs.
 */
import type { Clock } from "../../lab/proxmox/clock";
import { systemClock } from "../../lab/proxmox/clock";
import { selfSigned } from "../../lab/proxmox/certificate";
import type { ProxmoxClient } from "../../providers/proxmox/client";
import { closeBenches, openBench, theCertificate, type Bench } from "./bench";
import { copies, first, imaged, machine, moved, nothing, original, second, third } from "./houses";
import { Killed, killedAt, Program, through, type House } from "./program";
import { portrait, stray } from "./settled";

jest.setTimeout(240_000);
afterEach(closeBenches);

const SCENARIOS: readonly [name: string, before: readonly House[], house: House][] = [
  ["a house made", [], first],
  ["a house changed", [first], second],
  ["a house destroyed", [first, second, third], nothing],
  ["disks made from an image", [], imaged],
  ["disks moved and taken over", [imaged], moved],
  ["VMs made as copies", [original], copies],
];

const isKilled = (error: unknown): boolean => error instanceof Error && error.message.includes(Killed.name);

async function started(before: readonly House[], clock?: Clock): Promise<{ bench: Bench; program: Program }> {
  const bench = await openBench(undefined, { clock });
  const program = new Program();
  for (const each of before) await program.up(each, bench.client());
  bench.proxmox.calls.reset();
  return { bench, program };
}

/** A run as nothing disturbs it: what there is afterwards, and how many calls it took. */
async function undisturbed(before: readonly House[], house: House) {
  const { bench, program } = await started(before);
  await program.up(house, bench.client());
  const { writes, list } = bench.proxmox.calls;
  const result = { expected: portrait(bench.proxmox.world), writes, calls: list.length };
  await bench.close();
  return result;
}

/** Nothing is left to do, no volume is anybody's, and all is as it would be without the disturbance. */
async function expectSettled(bench: Bench, program: Program, house: House, expected: object): Promise<void> {
  expect(stray(bench.proxmox.world)).toEqual({ orphans: [], lost: [] });
  expect(portrait(bench.proxmox.world)).toEqual(expected);
  bench.proxmox.calls.reset();
  const client = bench.client();
  await program.refresh(client);
  await program.up(house, client);
  expect(bench.proxmox.calls.writes).toBe(0);
}

test.each(SCENARIOS)(
  "%s: killed before and after each changing call, the next run ends it",
  async (_, before, house) => {
    const { expected, writes, calls } = await undisturbed(before, house);
    expect(writes).toBeGreaterThan(2);
    for (let nth = 1; nth <= writes; nth += 1) {
      for (const when of ["before", "after"] as const) {
        const { bench, program } = await started(before);
        await expect(program.up(house, killedAt(bench.client(), nth, when))).rejects.toThrow(Killed.name);
        bench.proxmox.calls.reset();
        await program.up(house, bench.client());
        expect(bench.proxmox.calls.list.length).toBeLessThanOrEqual(calls + 20);
        await expectSettled(bench, program, house, expected);
        await bench.close();
      }
    }
  },
);

test("a killed run's next one may be killed as well, and again", async () => {
  const { expected } = await undisturbed([first], second);
  const { bench, program } = await started([first]);
  let runs = 0;
  for (let dead = true; dead && runs < 30; runs += 1) {
    dead = await program.up(second, killedAt(bench.client(), 2, runs % 2 === 0 ? "before" : "after")).then(
      () => false,
      (error: unknown) => {
        if (!isKilled(error)) throw error;
        return true;
      },
    );
  }
  expect(runs).toBeGreaterThan(3);
  expect(runs).toBeLessThan(12);
  await program.up(second, bench.client());
  await expectSettled(bench, program, second, expected);
  await bench.close();
});

test("a ticket that ends in the middle, at any call, is renewed without anybody's noticing", async () => {
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  const { expected } = await undisturbed([first], second);
  const { bench, program } = await started([first], clock);
  // Every request but the login comes with a ticket that was good a moment ago.
  const aging = through(bench.client(), (_, send) => {
    ahead += 3 * 3600;
    return send();
  });
  await program.up(second, aging);
  const logins = bench.proxmox.calls.counts["POST /access/ticket"] ?? 0;
  expect(logins).toBeGreaterThan(10);
  await expectSettled(bench, program, second, expected);
  await bench.close();
});

test("a certificate that changes in the middle stops the run, whatever was next, and nothing more is sent", async () => {
  const { expected, writes } = await undisturbed([first], second);
  const other = await selfSigned();
  for (let nth = 1; nth <= writes; nth += 1) {
    const { bench, program } = await started([first]);
    let seen = 0;
    const client = through(bench.client(), async ({ method }, send) => {
      if (method !== "GET" && ++seen === nth) {
        bench.proxmox.present(other);
        bench.proxmox.calls.reset();
      }
      return send();
    });
    // The call may meet the end of its old connection; the next one meets the new certificate.
    await expect(program.up(second, client)).rejects.toThrow(/fingerprint|dropped the connection/);
    await expect(program.up(second, bench.client())).rejects.toThrow(/fingerprint/);
    expect(bench.proxmox.calls.list).toEqual([]);
    bench.proxmox.present(await theCertificate());
    await program.up(second, bench.client());
    await expectSettled(bench, program, second, expected);
    await bench.close();
  }
});

describe("two programs at once on the same VMs", () => {
  /** Runs it in two processes; one of them may be refused, and both run once more by themselves. */
  async function both(house: House, one: Program, other: Program, bench: Bench): Promise<void> {
    const clients: [Program, ProxmoxClient][] = [
      [one, bench.client()],
      [other, bench.client()],
    ];
    await Promise.allSettled(clients.map(([program, client]) => program.up(house, client)));
    for (const [program] of clients) await program.up(house, bench.client());
  }

  test("made by both: one house, each volume once", async () => {
    const { expected } = await undisturbed([], first);
    for (let round = 0; round < 3; round += 1) {
      const { bench, program } = await started([]);
      const other = program.copy();
      await both(first, program, other, bench);
      await expectSettled(bench, program, first, expected);
      await expectSettled(bench, other, first, expected);
      await bench.close();
    }
  });

  test("changed by both: the house is as described, and a volume that both would add is there once", async () => {
    const { expected } = await undisturbed([first], second);
    for (let round = 0; round < 5; round += 1) {
      const { bench, program } = await started([first]);
      const other = program.copy();
      // A change's worker has the VM's lock from before the digest is compared until it ends: the other one's digest is old.
      await both(second, program, other, bench);
      await expectSettled(bench, program, second, expected);
      await expectSettled(bench, other, second, expected);
      await bench.close();
    }
  });

  test("of two houses that both want the VMID, one has it, and the other is told whose it is", async () => {
    const { bench, program } = await started([]);
    const other = new Program();
    const disks = { scsi0: { storage: "local-lvm", size: "1GiB" } } as const;
    const ours: House = { vm: machine(100, { disks }) };
    const theirs: House = { vm: machine(100, { disks, uuid: "00000000-9a54-4b39-8a2f-6a4f0c0f9100" }) };
    const ends = await Promise.allSettled([program.up(ours, bench.client()), other.up(theirs, bench.client())]);
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refusal = ends.find((end) => end.status === "rejected")?.reason as Error;
    expect(refusal.message).toMatch(/is not this house's.*Nothing was changed/s);
    expect(Object.keys(bench.proxmox.world.volumes)).toHaveLength(1);
    await bench.close();
  });
});
