/**
 * The connection to one host, shared by all who use it: opened when it is needed, again where it dropped, ended when
 * nobody needed it for a while. The one place where connecting is repeated. Holds one connection.
 */
import { backOff } from "exponential-backoff";
import type { Duplex } from "node:stream";
import { SshError } from "./error";
import { explain } from "./explain";
import { HOST_KEY_RULE, parseHostKey, type HostKeyPin } from "./hostKey";
import { openLink, type Link, type LinkOptions } from "./link";
import { hostKeyName, targetName, type SshTarget } from "./target";

export interface LinksOptions extends LinkOptions {
  /** How long an unused connection stays open. @default 30 000 */
  readonly idleMs?: number;
  /** Times that connecting is tried where its failure may pass. @default 3 */
  readonly attempts?: number;
  /** Wait before the second; doubles each time, with jitter. @default 250 */
  readonly firstDelayMs?: number;
}

export class Links {
  private current: { readonly link: Promise<Link>; open?: Link } | undefined;
  private users = 0;
  private idle: NodeJS.Timeout | undefined;
  private firstSeen: HostKeyPin | undefined;
  /** Opened for who waited for them while {@link end} was called: nobody else's, and ended with the last use. */
  private readonly forgotten = new Set<Link>();
  private failed: { readonly error: SshError; readonly until: number } | undefined;

  /** @param jump connection of the target's jump host. */
  constructor(
    private readonly target: SshTarget,
    private readonly jump: Links | undefined,
    private readonly options: LinksOptions,
  ) {}

  /** @throws SshError where there is no connection, and whatever `work` throws. */
  async use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    this.hold();
    try {
      return await work(await this.link());
    } finally {
      this.rest();
    }
  }

  /** The host's key, as pinned or as first seen. */
  hostKey(): Promise<string> {
    return this.use((link) => Promise.resolve(link.hostKey));
  }

  async end(): Promise<void> {
    clearTimeout(this.idle);
    const link = this.current?.open;
    this.current = undefined;
    await link?.end();
  }

  hold(): void {
    this.users += 1;
    clearTimeout(this.idle);
    this.jump?.hold();
    if (this.users === 1) this.current?.open?.hold();
  }

  rest(): void {
    this.users -= 1;
    this.jump?.rest();
    if (this.users > 0) return;
    this.endForgotten();
    this.current?.open?.rest();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.end(), this.options.idleMs ?? 30_000).unref();
  }

  private endForgotten(): void {
    for (const link of this.forgotten) void link.end();
    this.forgotten.clear();
  }

  private link(): Promise<Link> {
    if (this.current !== undefined && this.current.open?.alive !== false) return this.current.link;
    // What waits for a silent host in many places would otherwise wait for the same again, one after another.
    if (this.failed !== undefined && performance.now() < this.failed.until) return Promise.reject(this.failed.error);
    const opening: { link: Promise<Link>; open?: Link } = { link: this.open() };
    this.current = opening;
    opening.link.then(
      (link) => {
        opening.open = link;
        if (this.current !== opening) this.forgotten.add(link);
        if (this.users > 0) link.hold();
        else if (this.current === opening) link.rest();
        else this.endForgotten();
      },
      () => {
        if (this.current === opening) this.current = undefined;
      },
    );
    return opening.link;
  }

  private async open(): Promise<Link> {
    const { attempts = 3, firstDelayMs = 250, connectTimeoutMs = 10_000 } = this.options;
    const since = performance.now();
    try {
      const link = await backOff(() => openLink(this.target, this.pin(), this.tunnel, this.options), {
        numOfAttempts: attempts,
        startingDelay: firstDelayMs,
        jitter: "full",
        retry: (error: Error) => explain(this.target, error).passing,
      });
      this.firstSeen ??= { fingerprint: link.hostKey };
      return link;
    } catch (cause) {
      const { error } = explain(this.target, cause as Error);
      const waited = performance.now() - since;
      if (waited >= connectTimeoutMs) this.failed = { error, until: performance.now() + connectTimeoutMs / 5 };
      throw error;
    }
  }

  private pin(): HostKeyPin | undefined {
    const { hostKey } = this.target;
    if (hostKey === undefined) return this.firstSeen;
    const pin = parseHostKey(hostKey);
    if (pin !== undefined) return pin;
    const text = `${hostKeyName(this.target)} is none: ${HOST_KEY_RULE}`;
    throw new SshError({ kind: "target", host: targetName(this.target), text, noEffect: true });
  }

  private get tunnel(): ((address: string, port: number) => Promise<Duplex>) | undefined {
    const { jump } = this;
    if (jump === undefined) return undefined;
    const { connectTimeoutMs = 10_000 } = this.options;
    return (address, port) => jump.use((link) => forwarded(link, this.target, { address, port }, connectTimeoutMs));
  }
}

/** The jump host asks the host, and says nothing until that one answers: a host that is off would be waited for for ever. */
function forwarded(
  { client }: Link,
  target: SshTarget,
  { address, port }: { readonly address: string; readonly port: number },
  timeoutMs: number,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(throughJump(target, new Error(`no answer within ${timeoutMs / 1000} s`)));
    }, timeoutMs);
    client.forwardOut("127.0.0.1", 0, address, port, (error, stream) => {
      clearTimeout(timer);
      if (error) reject(throughJump(target, error));
      else if (late) stream.destroy();
      else {
        // A host that closes is told by an end alone, of which the client makes neither an error nor a close.
        stream.once("end", () => stream.destroy());
        resolve(stream);
      }
    });
  });
}

function throughJump(target: SshTarget, cause: Error): SshError {
  const { address, port = 22, jump } = target;
  const via = jump === undefined ? "its jump host" : targetName(jump);
  const text = `${via} can't reach ${address}:${port} (${cause.message.trim()})`;
  const advice = "check address and port, and that the jump host allows forwarding (AllowTcpForwarding)";
  return new SshError({ kind: "unreachable", host: targetName(target), text, advice, noEffect: true }, { cause });
}
