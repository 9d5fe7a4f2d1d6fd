/** What of a stack is in the clouds: as recorded, as it is, and as the house wants it. Sends nothing but GET. */
import { cloudParts, type CloudPart, type CloudRecords } from "../../components/cloudParts";
import type { House } from "../../house/schema";
import { wordsOf, type CloudKind, type Words } from "../../providers/clouds/kinds";
import type { CloudsLook } from "../../providers/clouds/look";
import { findings, type Three } from "./findings";
import type { RecordedResource } from "./recorded";
import { uncheckedPart, type Finding, type Part } from "./report";

export type CloudResource = RecordedResource & { readonly kind: CloudKind };

export interface LookedClouds {
  readonly house: House;
  readonly look: CloudsLook;
  /** Those of the stack. */
  readonly resources: readonly CloudResource[];
}

/** A resource that left the house is still told by what it is. */
const TITLES: Readonly<Record<CloudKind, string>> = {
  Droplet: "droplet",
  Firewall: "firewall",
  ReservedIp: "reserved address of",
  DnsRecord: "name",
};

const GONE = "it is not there any more: a refresh drops it, and the next up makes";
const GONE_TEXTS: Readonly<Record<CloudKind, string>> = {
  Droplet: `${GONE} a new one with an empty disk - the tunnel's database was on it: restore a snapshot at DigitalOcean and take that over, or copy the database back`,
  Firewall: `${GONE} it again`,
  ReservedIp: `${GONE} another address`,
  DnsRecord: `${GONE} it again`,
};

const LEFT = "it left the house: the next up forgets it, and leaves it as it is";
const LEFT_NAME = "it left the house: the next up deletes it";

/** @param resources of the stack. */
export function cloudRecords(resources: readonly RecordedResource[]): CloudRecords {
  const of = (kind: CloudKind) => resources.find((resource) => resource.kind === kind);
  const [droplet, reserved] = [of("Droplet"), of("ReservedIp")];
  return {
    ...(droplet && {
      dropletId: Number(droplet.id),
      dropletAddress: droplet.outputs.ipv4Address as string | undefined,
    }),
    ...(reserved && { reservedAddress: reserved.id }),
  };
}

const pick = (values: Words, names: readonly string[]): Words =>
  Object.fromEntries(names.map((name) => [name, values[name]]));
const without = (values: Words, names: readonly string[]): Words =>
  Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== undefined && !names.includes(name)));

/** Side by side, without what a change of the house leaves alone; what no API shows is as it was recorded. */
export function threeOf(resource: CloudResource, live: Words, part: CloudPart | undefined): Three {
  const { kind, inputs, secrets } = resource;
  const ignored = part?.ignored ?? [];
  const told = wordsOf(kind, inputs);
  const unseen = Object.keys(part?.inputs ?? {}).filter((name) => !(name in told) && !ignored.includes(name));
  const recorded = without({ ...told, ...pick(inputs, unseen) }, ignored);
  return {
    recorded,
    live: without({ ...live, ...pick(inputs, unseen) }, ignored),
    // What follows from something that is not known yet is taken for what it was.
    wanted: part && {
      ...recorded,
      ...without({ ...wordsOf(kind, part.inputs), ...pick(part.inputs, unseen) }, ignored),
    },
    // Cloud-init's text may hold what its writer would not have shown.
    secrets: [...secrets, "userData"],
  };
}

/** Other A records of the same name: whoever asks for it gets one or the other. */
async function namesakes({ look, resources }: LookedClouds, zone: string, name: string): Promise<Finding[]> {
  const ours = new Set(resources.map(({ id }) => id));
  const others = (await look.records(zone)).filter((one) => one.type === "A" && one.name === name && !ours.has(one.id));
  return others.map(({ content }) => ({
    ...{ kind: "unnamed", property: "another A record", live: content },
    next: "leaves it - delete it at Cloudflare, unless both shall answer",
  }));
}

/** The program has no word for a droplet's power. */
const byHand = (finding: Finding): Finding =>
  finding.property === "power" ? { ...finding, next: "leaves it - turn it on at DigitalOcean" } : finding;

async function lookAt(looked: LookedClouds, resource: CloudResource, part: CloudPart | undefined): Promise<Part> {
  const { kind, id, name, inputs } = resource;
  const title = part?.title ?? `${TITLES[kind]} ${name}`;
  try {
    const zone = kind === "DnsRecord" ? String(inputs.zoneId) : undefined;
    const live = await looked.look.live(kind, id, zone);
    const left = part ? [] : [kind === "DnsRecord" ? LEFT_NAME : LEFT];
    if (live === undefined) return { title, state: "drift", findings: [], notes: part ? [GONE_TEXTS[kind]] : left };
    const besides = zone === undefined || !part ? [] : await namesakes(looked, zone, name);
    const found = [...findings(threeOf(resource, live, part)).map(byHand), ...besides];
    return { title, state: found.length + left.length > 0 ? "drift" : "clean", findings: found, notes: left };
  } catch (error) {
    return uncheckedPart(title, error);
  }
}

/** @returns parts of what is recorded, and of what no `up` has made or taken over. */
export async function lookAtClouds(looked: LookedClouds): Promise<{ recorded: Part[]; fresh: Part[] }> {
  const { house, resources } = looked;
  const parts = cloudParts(house, cloudRecords(resources));
  const same = (part: CloudPart) => (resource: CloudResource) =>
    part.kind === resource.kind && part.name === resource.name;
  const recorded = await Promise.all(
    resources.map((resource) =>
      lookAt(
        looked,
        resource,
        parts.find((part) => same(part)(resource)),
      ),
    ),
  );
  const fresh = parts.filter((part) => !resources.some(same(part)));
  return {
    recorded,
    fresh: fresh.map(({ title }) => ({ title, state: "new", findings: [], notes: ["not in the stack yet"] })),
  };
}
