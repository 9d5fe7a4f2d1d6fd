/** What was tried and how it went: the one model that all formats are made from. Pure. */

export interface Finding {
  /** What it is about: `engine`, `Proxmox`, `SSH`, `DigitalOcean`, `Cloudflare`. */
  readonly area: string;
  /** `certificate`, `storage NAS` */
  readonly what: string;
  /**
   * - `fine`: tried, and as it should be.
   * - `wrong`: tried, and something of the house will fail for it.
   * - `note`: nothing fails for it, and its owner should know.
   * - `untried`: could not be asked, because of something above it.
   */
  readonly result: "fine" | "wrong" | "note" | "untried";
  readonly detail: string;
  /** What to do; a wrong one always has it. */
  readonly fix?: string;
}

export interface DoctorReport {
  readonly stack: string;
  readonly findings: readonly Finding[];
}

/** 0: all is fine, or only to be known; 1: something is wrong, or could not be tried. */
export const exitCode = ({ findings }: DoctorReport): 0 | 1 =>
  findings.some(({ result }) => result === "wrong" || result === "untried") ? 1 : 0;

/** Makers of findings for one area. */
export const about = (area: string) => ({
  fine: (what: string, detail: string): Finding => ({ area, what, result: "fine", detail }),
  wrong: (what: string, detail: string, fix: string): Finding => ({ area, what, result: "wrong", detail, fix }),
  note: (what: string, detail: string, fix?: string): Finding => ({
    ...{ area, what, result: "note", detail },
    ...(fix !== undefined && { fix }),
  }),
  untried: (what: string, detail: string): Finding => ({ area, what, result: "untried", detail }),
});

/** A message `what happened - what to do`, as the errors of this program are, in its two parts. */
export function inParts(message: string, otherwise: string): { readonly detail: string; readonly fix: string } {
  const at = message.lastIndexOf(" - ");
  return at < 0
    ? { detail: message, fix: otherwise }
    : { detail: message.slice(0, at).trim(), fix: message.slice(at + 3).trim() };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
