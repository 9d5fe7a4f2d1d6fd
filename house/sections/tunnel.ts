/** The section `tunnel`: the server that the house is reached through from outside. Pure. */
import { z } from "zod";
import { label } from "../vocabulary";

export const tunnelSection = z
  .strictObject({
    server: z
      .ipv4({ error: "the tunnel's server is a public IPv4 address - write it with dots: 45.55.78.215" })
      .meta({ description: "Public address of the tunnel's server." }),
    endpoint: label.meta({ description: "Its name below the house's domain: pangolin" }),
    droplet: z
      .strictObject({
        size: z.string().optional().meta({ description: "DigitalOcean's slug: s-1vcpu-1gb" }),
        region: z.string().optional().meta({ description: "DigitalOcean's slug: nyc1" }),
        image: z.string().optional().meta({ description: "DigitalOcean's slug: debian-12-x64" }),
      })
      .optional()
      .meta({ description: "The machine that it is." }),
  })
  .meta({ description: "The way in from outside. Needs a domain." });
