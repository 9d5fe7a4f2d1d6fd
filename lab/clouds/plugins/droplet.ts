/** `digitalocean:index/droplet:Droplet` on the API: force-new and unseen fields as in the real provider. */
import type { DropletArgs } from "@pulumi/digitalocean/droplet";
import { z } from "zod";
import { cloudResource, HalfMade } from "./resource";
import type { Rest } from "./rest";
import { isPlain, type Plain } from "./values";

const text = z.string().min(1);
const flag = z.boolean().optional();
const texts = z.array(text).optional();

const shape = {
  backupPolicy: z.strictObject({}).loose().optional(),
  backups: flag,
  dropletAgent: flag,
  gpuPartitionMode: text.optional(),
  gracefulShutdown: flag,
  image: text,
  ipv6: flag,
  ipv6Address: text.optional(),
  monitoring: flag,
  name: text,
  privateNetworking: flag,
  publicNetworking: flag,
  region: text.optional(),
  resizeDisk: flag,
  size: text,
  sshKeys: texts,
  tags: texts,
  userData: text.optional(),
  volumeIds: texts,
  vpcUuid: text.optional(),
} satisfies Record<keyof DropletArgs, z.ZodType>;

/** The API takes a number for an image's ID and a text for its slug. */
const imageOf = (image: string): string | number => (/^\d+$/.test(image) ? Number(image) : image);

const BETWEEN_MS = 20;
const LOOKS = 250;

async function droplet(rest: Rest, id: string): Promise<Plain | undefined> {
  const found = await rest.find(`/v2/droplets/${id}`);
  return found && (found.droplet as Plain);
}

async function reaches(rest: Rest, id: string, status: string): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if ((await droplet(rest, id))?.status === status) return;
    await new Promise((wake) => setTimeout(wake, BETWEEN_MS));
  }
  throw new Error(`droplet ${id} did not become ${status}`);
}

const slugOf = (value: unknown): string | undefined => {
  if (!isPlain(value)) return undefined;
  return typeof value.slug === "string" ? value.slug : String(value.id);
};

const publicAddress = (networks: unknown): string | undefined => {
  const v4 = isPlain(networks) && Array.isArray(networks.v4) ? (networks.v4 as Plain[]) : [];
  return v4.find(({ type }) => type === "public")?.ip_address as string | undefined;
};

export const dropletResource = cloudResource({
  token: "digitalocean:index/droplet:Droplet",
  shape,
  lacking: [
    "backupPolicy",
    "backups",
    "gpuPartitionMode",
    "ipv6Address",
    "privateNetworking",
    "publicNetworking",
    "tags",
    "volumeIds",
    "vpcUuid",
  ],
  replaceOn: ["dropletAgent", "gpuPartitionMode", "image", "monitoring", "region", "sshKeys", "userData", "vpcUuid"],
  computed: ["region", "monitoring", "vpcUuid"],
  // An image's slug moves on to newer images, keys and user data are never shown, and the rest is the provider's own.
  unseen: ["dropletAgent", "gracefulShutdown", "image", "ipv6", "resizeDisk", "sshKeys", "userData"],
  outputs: [
    "createdAt",
    "disk",
    "dropletUrn",
    "ipv4Address",
    "ipv4AddressPrivate",
    "locked",
    "memory",
    "priceHourly",
    "priceMonthly",
    "status",
    "vcpus",
  ],
  named: true,
  create: async (rest, inputs) => {
    const { image, sshKeys, userData, dropletAgent, name, region, size, ...flags } = inputs;
    const answer = await rest.call("POST", "/v2/droplets", {
      ...{ name, region, size, image: imageOf(image), ssh_keys: sshKeys, user_data: userData },
      ...{ with_droplet_agent: dropletAgent, monitoring: flags.monitoring, ipv6: flags.ipv6 },
    });
    const id = String((answer.droplet as Plain).id);
    await reaches(rest, id, "active").catch((error: unknown) => {
      throw new HalfMade(id, inputs, error);
    });
    return id;
  },
  read: async (rest, id) => {
    const found = await droplet(rest, id);
    if (!found) return undefined;
    const size = found.size as Plain;
    const features = found.features as readonly string[];
    const inputs = {
      ...{ name: found.name, size: size.slug, region: slugOf(found.region), image: slugOf(found.image) },
      monitoring: features.includes("monitoring"),
    };
    const figures = { disk: found.disk, memory: found.memory, vcpus: found.vcpus, locked: found.locked };
    const prices = { priceHourly: size.price_hourly, priceMonthly: size.price_monthly };
    const outputs = {
      ...{ ...figures, ...prices, status: found.status, createdAt: found.created_at },
      ...{ dropletUrn: `do:droplet:${id}`, ipv4Address: publicAddress(found.networks), ipv4AddressPrivate: "" },
    };
    return { id, inputs, outputs };
  },
  update: async (rest, id, { name, size }, former) => {
    const act = (type: string, more: Plain = {}) => rest.call("POST", `/v2/droplets/${id}/actions`, { type, ...more });
    if (former.name !== name) await act("rename", { name });
    if (former.size === size) return;
    await act("power_off");
    await reaches(rest, id, "off");
    await act("resize", { size, disk: true });
    await act("power_on");
    await reaches(rest, id, "active");
  },
  remove: async (rest, id) => {
    await rest.call("DELETE", `/v2/droplets/${id}`);
  },
});
