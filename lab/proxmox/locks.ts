/** The lock files of VMs: one holder at a time, others wait, and give up with Proxmox's words. In memory only. */
import { Problem } from "./wire/problem";

export class Locks {
  private readonly queues = new Map<number, Promise<unknown>>();

  /** @param timeoutMs how long one waits for the lock; Proxmox's is 10 s */
  constructor(private readonly timeoutMs: number) {}

  /** Runs `work` while it holds the VM's lock. @throws Problem 500 `can't lock file ... - got timeout` */
  async hold<T>(vmid: number, work: () => T | Promise<T>): Promise<T> {
    const before = this.queues.get(vmid);
    if (before === undefined) return this.run(vmid, work());
    let gaveUp = false;
    const turn = before.then(async () => {
      if (gaveUp) return undefined as T;
      return work();
    });
    const settled = turn.catch(() => undefined);
    this.queues.set(vmid, settled);
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        gaveUp = true;
        reject(lockTimeout(vmid));
      }, this.timeoutMs);
    });
    try {
      await Promise.race([before, expired]);
    } finally {
      clearTimeout(timer);
    }
    return turn.finally(() => {
      this.release(vmid, settled);
    });
  }

  /**
   * Runs `start` while it holds the VM's lock, and leaves the lock with what was started: it is taken until `release` is
   * called. @throws as {@link hold}, and what `start` throws
   */
  handOver<T>(vmid: number, start: (release: () => void) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const untilReleased = async (): Promise<void> => {
        let release = (): void => undefined;
        const released = new Promise<void>((done) => (release = done));
        resolve(start(release));
        await released;
      };
      this.hold(vmid, untilReleased).catch(reject);
    });
  }

  private async run<T>(vmid: number, result: T | Promise<T>): Promise<T> {
    if (!(result instanceof Promise)) return result;
    const settled = result.catch(() => undefined);
    this.queues.set(vmid, settled);
    return result.finally(() => {
      this.release(vmid, settled);
    });
  }

  private release(vmid: number, settled: Promise<unknown>): void {
    if (this.queues.get(vmid) === settled) this.queues.delete(vmid);
  }
}

export const lockTimeout = (vmid: number): Problem =>
  Problem.failed(`can't lock file '/var/lock/qemu-server/lock-${vmid}.conf' - got timeout`);

/** The cluster's lock on the storage definitions stays taken. @param verb as the message words it: `create` */
export const storageLockTimeout = (verb: string): Problem =>
  Problem.failed(`${verb} storage failed: cfs-lock 'file-storage_cfg' error: got lock request timeout`);
