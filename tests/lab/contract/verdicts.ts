/**
 * Sends the requests whose parameters the real server judged, and compares its verdict and its `errors` with the
 * lab's. Only the parameters are judged: what a valid request then does is not recorded. Calls the lab.
 */
import { readFileSync } from "node:fs";
import { isEntry } from "./canonical";
import { type Answer, differences } from "./compare";
import { Credentials, type Secrets } from "./credentials";
import { isInUse } from "./endpoint";
import type { Json } from "./exchange";
import { Names } from "./names";
import { judged, type Outcome } from "./outcome";
import { liveRequest } from "./requests";
import { openWire, type Wire } from "./wire";

interface Judgement {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly verdict: "valid" | "invalid" | "no-such-method";
  readonly errors?: Readonly<Record<string, string>>;
}

/** Refusals in the same form that come after the parameters were found valid. */
const laterRefusals = /^(no such task|VM \d+ already exists|Only root may use this option\.)$/;

/** @param path of `request-validation.jsonl` */
export async function replayVerdicts(
  lab: { readonly url: string; readonly secrets: Secrets },
  path: string,
): Promise<Outcome[]> {
  const lines = readFileSync(path, "utf8").split("\n");
  const wire = openWire(lab.url);
  try {
    const outcomes: Outcome[] = [];
    for (const line of lines.filter((it) => it !== ""))
      outcomes.push(await judge(wire, lab.secrets, JSON.parse(line) as Judgement));
    return outcomes;
  } finally {
    wire.close();
  }
}

async function judge(wire: Wire, secrets: Secrets, recorded: Judgement): Promise<Outcome> {
  const { method, path, params, verdict } = recorded;
  const title = `${method} ${path} ${JSON.stringify(params).slice(0, 120)}`;
  if (verdict !== "no-such-method" && !isInUse(method, path)) return judged(title, undefined, "endpoint not in use");
  const names = new Names();
  const headers = new Credentials(secrets).headers("token", method) ?? {};
  const exchange = {
    seq: 0,
    method,
    path,
    params,
    enc: "form",
    auth: "token",
    status: 0,
    reason: "",
    body: null,
    stable: true,
  } as const;
  return judged(title, verdictDifferences(recorded, await wire.send(liveRequest(exchange, headers, names))));
}

function verdictDifferences(recorded: Judgement, live: Answer): string[] {
  const verdict = (text: string, errors: Json): Answer => ({ status: 0, reason: text, body: errors });
  const errors = isEntry(live.body) ? (live.body.errors ?? null) : null;
  return differences(verdict(recorded.verdict, recorded.errors ?? null), verdictOf(live, errors, verdict), new Names());
}

function verdictOf(live: Answer, errors: Json, verdict: (text: string, errors: Json) => Answer): Answer {
  if (live.status === 501) return verdict("no-such-method", null);
  const isLater =
    isEntry(errors) &&
    Object.values(errors).every((text) => typeof text === "string" && laterRefusals.test(text.trim()));
  return live.status === 400 && !isLater ? verdict("invalid", errors) : verdict("valid", null);
}
