/**
 * The guests' way out, and the way in: a user-mode router on their network, a QEMU without a processor. It answers as the
 * house's gateway and name server, and forwards ports of this machine. Starts one process; needs no privilege.
 */
import { join } from "node:path";
import { cardBackend } from "./commandLine";
import { launchQemu, type QemuProcess } from "./qemuProcess";
import { hostOf, type Subnet } from "./subnet";

export interface Router {
  /** The port on 127.0.0.1 that reaches a guest's, the same for each ask. @throws where QEMU finds no way */
  forward(address: string, port: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * What the router is told. It answers for the gateway's address as a name server, because only so it passes questions on;
 * packets that go further may be sent to any address of its.
 */
export function routerArguments({ cidr, gateway }: Subnet, lan: string): string[] {
  const user = `user,id=nat,ipv6=off,net=${cidr},host=${hostOf(cidr, gateway)},dns=${gateway}`;
  return [
    ...["-machine", "none", "-netdev", user, "-netdev", cardBackend("lan", lan)],
    ...["-netdev", "hubport,hubid=0,id=port0,netdev=nat", "-netdev", "hubport,hubid=0,id=port1,netdev=lan"],
  ];
}

const forwards = async ({ monitor }: QemuProcess): Promise<string[]> =>
  (await monitor.human("info usernet")).split("\n").filter((line) => line.includes("HOST_FORWARD"));

async function addForward(qemu: QemuProcess, address: string, port: number): Promise<number> {
  const known = new Set(await forwards(qemu));
  const answer = (await qemu.monitor.human(`hostfwd_add nat tcp:127.0.0.1:0-${address}:${port}`)).trim();
  if (answer !== "") throw new Error(`no way to ${address}:${port}: ${answer}`);
  const line = (await forwards(qemu)).find((text) => !known.has(text));
  const found = /127\.0\.0\.1\s+(\d+)/.exec(line ?? "")?.[1];
  if (found === undefined) throw new Error(`QEMU lists no way to ${address}:${port}`);
  return Number(found);
}

/** @param run folder of sockets @param lan path of the switch's socket */
export async function startRouter(run: string, subnet: Subnet, lan: string): Promise<Router> {
  const [monitor, log] = [join(run, "router"), join(run, "router.log")];
  const qemu = await launchQemu({ monitor, log, args: routerArguments(subnet, lan) });
  const ways = new Map<string, Promise<number>>();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    forward: (address, port) => {
      const key = `${address}:${port}`;
      const known = ways.get(key);
      if (known) return known;
      // One after another: the new one is told by the list that it is added to.
      const way = turn.then(() => addForward(qemu, address, port));
      turn = way.catch(() => ways.delete(key));
      ways.set(key, way);
      return way;
    },
    close: () => qemu.kill(),
  };
}
