/** What of a house is in the clouds beside what exists there: the ids under `tunnel.import`. Asks with GET only. */
import { cloudParts, type CloudPart, type CloudRecords } from "../../components/cloudParts";
import type { House } from "../../house/schema";
import { knownDroplet } from "../../house/tunnel";
import { CLOUD_TYPES, wordsOf } from "../../providers/clouds/kinds";
import type { CloudsLook } from "../../providers/clouds/look";
import { differences } from "../../providers/differences";
import type { Compared } from "./compareHouse";

/** Addresses and ids that other parts follow: of what is taken over, where the stack has none. */
async function recordsFrom(house: House, look: CloudsLook, recorded: CloudRecords): Promise<CloudRecords> {
  const { droplet, reservedIp } = house.tunnel?.import ?? {};
  const known = { reservedAddress: reservedIp, ...recorded };
  if (known.dropletId !== undefined || droplet === undefined || !knownDroplet(house)) return known;
  const found = (await look.droplets()).find(({ id }) => String(id) === droplet);
  const address = found?.networks.v4.find(({ type }) => type === "public")?.ip_address;
  return found ? { ...known, dropletId: found.id, dropletAddress: address } : known;
}

/** One that looks like the part and that the house doesn't name: an `up` would make another beside it. */
async function lookalike(house: House, look: CloudsLook, part: CloudPart): Promise<string | undefined> {
  const found = async (): Promise<string | number | undefined> => {
    if (part.kind === "DnsRecord")
      return (await look.records(part.zone ?? "")).find(({ type, name }) => type === "A" && name === part.name)?.id;
    if (part.kind !== "Droplet") return undefined;
    const same = (await look.droplets()).find(
      ({ name, networks }) =>
        name === part.inputs.name || networks.v4.some(({ ip_address: address }) => address === house.tunnel?.server),
    );
    return same?.id;
  };
  const id = await found();
  return id === undefined ? undefined : `there is one already - to take it over write ${part.importKey}: ${id}`;
}

async function compare(house: House, look: CloudsLook, part: CloudPart): Promise<Pick<Compared, "result" | "hint">> {
  if (part.imported === undefined) return { result: undefined, hint: await lookalike(house, look, part) };
  const live = await look.live(part.kind, part.imported, part.zone);
  if (live === undefined) return { result: undefined, hint: `${part.importKey}: ${part.imported}: is not there` };
  const wanted = Object.entries(wordsOf(part.kind, part.inputs)).filter(
    // One that is off is taken over as well; a look for drift tells of it.
    ([name, value]) => value !== undefined && name !== "power" && !part.ignored.includes(name),
  );
  const same = Object.fromEntries(wanted.map(([name]) => [name, live[name]]));
  return { result: differences(same, Object.fromEntries(wanted)) };
}

/** @param recorded what the stack knows already. */
export async function compareClouds(house: House, look: CloudsLook, recorded: CloudRecords = {}): Promise<Compared[]> {
  const saying = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  // Without a droplet's address its names are compared without it; the droplet's own part says why.
  const records = await recordsFrom(house, look, recorded).catch(() => recorded);
  const parts = cloudParts(house, records);
  const droplet = parts.find(({ kind }) => kind === "Droplet")?.title;
  const reserved = parts.find(({ kind }) => kind === "ReservedIp")?.title;
  return Promise.all(
    parts.map(async (part): Promise<Compared> => {
      const { kind, name, title } = part;
      const after = kind === "Droplet" ? [] : [droplet, ...(kind === "DnsRecord" ? [reserved] : [])];
      const needs = after.filter((one) => one !== undefined);
      const known = { kind: "cloud", type: CLOUD_TYPES[kind], name, title, needs } as const;
      return compare(house, look, part).then(
        (compared) => ({ ...known, ...compared }),
        (error: unknown) => ({ ...known, result: saying(error) }),
      );
    }),
  );
}
