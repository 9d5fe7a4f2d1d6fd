/** What is wrong with one value, as data; formatting is separate. A secret's value never goes into a problem. */
export interface Problem {
  /** Where, as people write it: `vms.emby.disks.scsi0.size`. */
  readonly path: string;
  /** The offending value as text; left out where it is missing or secret. */
  readonly value?: string;
  /** The rule it breaks. */
  readonly rule: string;
  /** What to do. */
  readonly fix: string;
}

/** `path: value: rule - fix`, one line. */
export function formatProblem({ path, value, rule, fix }: Problem): string {
  return `${path}: ${value === undefined ? "" : `${value}: `}${rule} - ${fix}`;
}
