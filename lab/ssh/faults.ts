/** What goes wrong on purpose: faults that wait for a command or a file operation of a host. In memory only. */

export interface HostFaultMatch {
  /** How the operation begins (`qm set 100`, `sftp RENAME`), or an expression for it. @default any */
  readonly operation?: string | RegExp;
  /** Hits from the n-th matching one on, counted from 1. @default 1 */
  readonly nth?: number;
}

export type HostFault = (
  | /** The connection is cut before anything is done. */ { readonly kind: "cut-before" }
    /** It is done, then the connection is cut without an answer. */
  | { readonly kind: "cut-after" }
  /** Not done: the command ends with this. A file operation is refused. */
  | { readonly kind: "fail"; readonly exitCode?: number; readonly stderr?: string }
  | { readonly kind: "delay"; readonly ms: number }
) & {
  readonly match: HostFaultMatch;
  /** How many operations it hits. @default 1 */
  readonly times?: number;
};

interface Armed {
  readonly fault: HostFault;
  seen: number;
  left: number;
}

const fits = ({ operation }: HostFaultMatch, text: string): boolean =>
  operation === undefined || (typeof operation === "string" ? text.startsWith(operation) : operation.test(text));

export class HostFaults {
  private armed: Armed[] = [];

  add(fault: HostFault): void {
    this.armed.push({ fault, seen: 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.armed = [];
  }

  /** Those that were not used up. */
  get pending(): readonly HostFault[] {
    return this.armed.map(({ fault }) => fault);
  }

  /** The faults that hit this operation; each is used up by one. */
  take(operation: string): readonly HostFault[] {
    const hits: HostFault[] = [];
    for (const entry of this.armed) {
      if (!fits(entry.fault.match, operation)) continue;
      entry.seen += 1;
      if (entry.seen < (entry.fault.match.nth ?? 1)) continue;
      entry.left -= 1;
      hits.push(entry.fault);
    }
    this.armed = this.armed.filter(({ left }) => left > 0);
    return hits;
  }
}
