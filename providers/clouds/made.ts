/**
 * What became of a creation that a killed run had sent: looked for among what the cloud has, by what it was asked to be.
 * Sends nothing but GET.
 */
import { z } from "zod";
import type { CloudKind } from "./kinds";
import type { CloudsLook } from "./look";

export interface SentCreation {
  readonly kind: CloudKind;
  /** As the engine recorded them. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Ids of the same kind that the stack has already: none of them is it. */
  readonly taken: ReadonlySet<string>;
  /** Unix milliseconds of this machine: it was sent after that. */
  readonly since: number | undefined;
}

export type Found =
  /** @param id as the provider imports it */
  | { readonly kind: "made"; readonly id: string }
  | { readonly kind: "absent" }
  | { readonly kind: "unknown"; readonly candidates: readonly string[] };

interface Candidate {
  readonly id: string;
  /** Where the cloud says when it was made: RFC 3339. */
  readonly created?: string;
  /** Nothing but the one that was asked for can look like this. */
  readonly certain?: boolean;
}

/** Two clocks are never the same; somebody's own of the same name is older than that. */
const SLACK_MS = 10 * 60_000;

const text = z.string();
const asked = {
  Droplet: z.object({ name: text, region: text }),
  Firewall: z.object({ name: text }),
  ReservedIp: z.object({ region: text, dropletId: z.number().optional() }),
  DnsRecord: z.object({ zoneId: text, name: text, type: text, content: text }),
};

/** Those that look like it. @throws Error where an input is a secret, or the cloud can't be asked */
async function alike(look: CloudsLook, kind: CloudKind, inputs: SentCreation["inputs"]): Promise<Candidate[]> {
  switch (kind) {
    case "Droplet": {
      const { name, region } = asked.Droplet.parse(inputs);
      const same = (await look.droplets()).filter((one) => one.name === name && one.region.slug === region);
      return same.map(({ id, created_at: created }) => ({ id: String(id), created }));
    }
    case "Firewall": {
      const { name } = asked.Firewall.parse(inputs);
      const same = (await look.firewalls()).filter((one) => one.name === name);
      return same.map(({ id, created_at: created }) => ({ id, created }));
    }
    case "ReservedIp": {
      const { region, dropletId } = asked.ReservedIp.parse(inputs);
      const all = await look.reservedIps();
      // A droplet has one at most. One that is free may be somebody's spare: no answer says since when it is there.
      const own = all.filter(({ droplet }) => droplet && droplet.id === dropletId);
      const free = all.filter((one) => !one.droplet && one.region.slug === region);
      return own.length > 0 ? own.map(({ ip }) => ({ id: ip, certain: true })) : free.map(({ ip }) => ({ id: ip }));
    }
    case "DnsRecord": {
      const { zoneId, name, type, content } = asked.DnsRecord.parse(inputs);
      const same = (await look.records(zoneId)).filter(
        (one) => one.name === name.toLowerCase() && one.type === type && one.content === content,
      );
      return same.map(({ id, created_on: created }) => ({ id, created }));
    }
  }
}

/** @throws as {@link CloudsLook} does: then nobody knows */
export async function findMade(look: CloudsLook, { kind, inputs, taken, since }: SentCreation): Promise<Found> {
  const found = (await alike(look, kind, inputs)).filter(({ id }) => !taken.has(id));
  if (found.length === 0) return { kind: "absent" };
  const idOf = ({ id }: Candidate): string => (kind === "DnsRecord" ? `${String(inputs.zoneId)}/${id}` : id);
  const isIts = ({ created, certain = false }: Candidate): boolean =>
    certain || (created !== undefined && since !== undefined && Date.parse(created) >= since - SLACK_MS);
  const its = found.filter(isIts);
  const [one] = its;
  if (one && its.length === 1) return { kind: "made", id: idOf(one) };
  return { kind: "unknown", candidates: (its.length > 0 ? its : found).map(idOf) };
}
