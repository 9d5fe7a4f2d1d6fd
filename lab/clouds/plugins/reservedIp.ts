/** `digitalocean:index/reservedIp:ReservedIp` on the API: another region is another address. */
import type { ReservedIpArgs } from "@pulumi/digitalocean/reservedIp";
import { z } from "zod";
import { cloudResource, HalfMade } from "./resource";
import type { Rest } from "./rest";
import { isPlain, type Plain } from "./values";

const shape = {
  dropletId: z.int().optional(),
  ipAddress: z.ipv4().optional(),
  region: z.string().min(1),
} satisfies Record<keyof ReservedIpArgs, z.ZodType>;

const act = (rest: Rest, ip: string, action: Plain) => rest.call("POST", `/v2/reserved_ips/${ip}/actions`, action);

const assign = (rest: Rest, ip: string, dropletId: number) => act(rest, ip, { type: "assign", droplet_id: dropletId });

export const reservedIpResource = cloudResource({
  token: "digitalocean:index/reservedIp:ReservedIp",
  shape,
  replaceOn: ["region"],
  computed: ["ipAddress"],
  outputs: ["ipAddress", "reservedIpUrn"],
  create: async (rest, { region, dropletId }) => {
    const answer = await rest.call("POST", "/v2/reserved_ips", { region });
    const ip = String((answer.reserved_ip as Plain).ip);
    if (dropletId === undefined) return ip;
    await assign(rest, ip, dropletId).catch((error: unknown) => {
      throw new HalfMade(ip, { region }, error);
    });
    return ip;
  },
  read: async (rest, id) => {
    const answer = await rest.find(`/v2/reserved_ips/${id}`);
    if (!answer) return undefined;
    const { ip, region, droplet } = answer.reserved_ip as Plain;
    const inputs = { region: (region as Plain).slug, ...(isPlain(droplet) ? { dropletId: droplet.id } : {}) };
    return { id, inputs, outputs: { ipAddress: ip, reservedIpUrn: `do:reservedip:${id}` } };
  },
  update: async (rest, id, { dropletId }, former) => {
    if (former.dropletId === dropletId) return;
    if (dropletId === undefined) await act(rest, id, { type: "unassign" });
    else await assign(rest, id, dropletId);
  },
  remove: async (rest, id) => {
    await rest.call("DELETE", `/v2/reserved_ips/${id}`);
  },
});
