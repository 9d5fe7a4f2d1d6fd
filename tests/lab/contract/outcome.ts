/**
 * What became of something recorded when it was replayed, and how many of each kind there are. Pure.
 */

/** The only reasons for not holding the lab to an exchange. */
export type LeftOut =
  | "endpoint not in use"
  | "not stable"
  | "depends on an endpoint not in use"
  | "made outside the API"
  | "the recording host's own";

export type Verdict =
  | { readonly verdict: "agrees" }
  | { readonly verdict: "disagrees"; readonly differences: readonly string[] }
  /** Where it was sent all the same, `differences` says how it went. */
  | { readonly verdict: "left out"; readonly reason: LeftOut; readonly differences?: readonly string[] };

/**
 * @property title for people: `12 PUT /nodes/pve/qemu/100/config {"cores":2}`
 * @property isStable whether the real server gave the same answer twice
 */
export type Outcome = Verdict & { readonly title: string; readonly isStable?: boolean };

export interface Tally {
  readonly agree: number;
  readonly disagree: number;
  readonly leftOut: Readonly<Partial<Record<LeftOut, number>>>;
  /** Of those left out: how many were sent all the same, and agreed. */
  readonly agreeBesides: number;
}

/** An outcome from the differences found, `undefined` where it was not sent, and what stands against counting them. */
export function judged(title: string, differences: readonly string[] | undefined, reason?: LeftOut): Outcome {
  if (reason !== undefined) return { title, verdict: "left out", reason, ...(differences && { differences }) };
  if (differences === undefined) throw new Error(`${title}: neither sent nor left out`);
  return differences.length === 0 ? { title, verdict: "agrees" } : { title, verdict: "disagrees", differences };
}

export function tally(outcomes: readonly Verdict[]): Tally {
  const leftOut: Partial<Record<LeftOut, number>> = {};
  for (const outcome of outcomes) {
    if (outcome.verdict === "left out") leftOut[outcome.reason] = (leftOut[outcome.reason] ?? 0) + 1;
  }
  const agreeBesides = outcomes.filter((o) => o.verdict === "left out" && o.differences?.length === 0).length;
  const count = (verdict: Verdict["verdict"]): number => outcomes.filter((o) => o.verdict === verdict).length;
  return { agree: count("agrees"), disagree: count("disagrees"), leftOut, agreeBesides };
}

/** One line for people: `03-vm-config: 380 agree, 0 disagree (100.0 %); left out: 8 endpoint not in use`. */
export function tallyLine(name: string, { agree, disagree, leftOut, agreeBesides }: Tally): string {
  const held = agree + disagree;
  const share = held === 0 ? "none held" : `${((100 * agree) / held).toFixed(1)} %`;
  const besides = agreeBesides === 0 ? "" : ` (${agreeBesides} of these agree as well)`;
  const reasons = Object.entries(leftOut).map(([reason, count]) => `${count} ${reason}`);
  return `${name}: ${agree} agree, ${disagree} disagree (${share}); left out: ${reasons.join(", ") || "none"}${besides}`;
}
