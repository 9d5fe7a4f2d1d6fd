/** The section `tunnel`: the server that the house is reached through from outside, and the names that lead there. Pure. */
import { z } from "zod";
import { label } from "../vocabulary";

const slug = (what: string, example: string) =>
  z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: `is no slug of DigitalOcean - write the ${what} as ${example}` })
    .optional()
    .meta({ description: `DigitalOcean's slug: ${example}` });

const keyMessage =
  "an SSH key is its number at DigitalOcean, or its fingerprint - doctl compute ssh-key list shows both";

/** Numbers come as numbers; the SDK takes texts. */
const sshKey = z
  .union([z.int().positive(), z.string().regex(/^(\d+|[0-9a-f]{2}(:[0-9a-f]{2}){15})$/)], { error: keyMessage })
  .transform(String);

const hexId = (what: string) =>
  z.string().regex(/^[0-9a-f]{32}$/, { error: `is no ${what} of Cloudflare - 32 hex digits` });

const droplet = z.strictObject({
  size: slug("size", "s-1vcpu-1gb").meta({
    description: "DigitalOcean's slug: s-1vcpu-1gb. Bigger in place, with a reboot.",
  }),
  region: slug("region", "nyc1"),
  image: slug("image", "debian-12-x64"),
  name: z
    .string()
    .regex(/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/, { error: "is no host name - letters, digits, - and ." })
    .optional()
    .meta({ description: "In place. Default: the tunnel's name" }),
  sshKeys: z.array(sshKey).min(1).optional().meta({ description: "Keys that may log in: numbers or fingerprints." }),
  userData: z.string().min(1).max(65536).optional().meta({ description: "Cloud-init's text for its first boot." }),
  monitoring: z.boolean().default(true).meta({ description: "DigitalOcean's agent for its graphs. Default: true" }),
  reservedIp: z
    .boolean()
    .default(false)
    .meta({ description: "An address that outlives the droplet. The names move to it once. Default: false" }),
  rebuild: z.boolean().default(false).meta({
    description:
      "Whether a changed image, region, key, monitoring or user data makes a new one beside the old. Default: false",
  }),
});

const imported = z.strictObject({
  droplet: z
    .union([z.int().positive(), z.string().regex(/^\d+$/)], { error: "is no droplet's number - write 366294321" })
    .transform(String)
    .optional()
    .meta({ description: "Number of the droplet." }),
  firewall: z.uuid().optional().meta({ description: "Id of the cloud firewall." }),
  reservedIp: z.ipv4().optional().meta({ description: "The reserved address." }),
  names: z
    .record(z.union([label, z.literal("@")]), hexId("record"))
    .optional()
    .meta({ description: "Ids of DNS records by name below the domain; @ is the domain itself." }),
});

export const tunnelSection = z
  .strictObject({
    server: z
      .ipv4({ error: "the tunnel's server is a public IPv4 address - write it with dots: 45.55.78.215" })
      .meta({ description: "Public address of the tunnel's server, where no droplet is described." }),
    endpoint: label.meta({ description: "Its name below the house's domain: pangolin" }),
    droplet: droplet.optional().meta({ description: "The machine that it is." }),
    zone: hexId("zone").optional().meta({ description: "Cloudflare's id of the domain's zone." }),
    exposed: z
      .record(label, label)
      .optional()
      .meta({ description: "Services that are reached from outside, by name below the domain: { films: emby }" }),
    import: imported.optional().meta({ description: "What exists already, and is taken over as it is." }),
  })
  .meta({ description: "The way in from outside. Needs a domain." });
