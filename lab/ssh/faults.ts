/** What goes wrong on purpose: faults that wait for a command or a file operation of a host. In memory only. */
import { ArmedFaults } from "../armedFaults";

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

const fits = ({ operation }: HostFaultMatch, text: string): boolean =>
  operation === undefined || (typeof operation === "string" ? text.startsWith(operation) : operation.test(text));

export class HostFaults extends ArmedFaults<HostFault> {
  /** The faults that hit this operation; each is used up by one. */
  take(operation: string): readonly HostFault[] {
    return this.hits((match) => fits(match, operation));
  }
}
