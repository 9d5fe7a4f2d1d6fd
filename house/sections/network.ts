/** The section `network`: the subnet that every host's part counts in. Pure. */
import { z } from "zod";
import { parseNetwork } from "../../values/network";
import { address } from "../vocabulary";

const cidrMessage =
  "a network is an IPv4 network address with its prefix, /8 to /30 - write 192.168.86.0/24, without a host's bits";

export const networkSection = z
  .strictObject({
    cidr: z
      .string({ error: cidrMessage })
      .refine((text) => parseNetwork(text) !== undefined, { error: cidrMessage })
      .meta({ description: "The house's subnet: 192.168.86.0/24. Renumbering the house is this line." }),
    gateway: address.optional().meta({ description: "The router: its host part, or a dotted address." }),
    dns: z.array(address).min(1).optional().meta({ description: "Name servers that the guests are given." }),
  })
  .meta({ description: "The house's network. Hosts are named by their part of it." });
