/** Whether the house's names can be set at Cloudflare: the token, its zone, what it may there. Sends nothing but GET. */
import { z } from "zod";
import type { House } from "../../house/schema";
import { cloudApi } from "./cloudApi";
import type { CloudChecks } from "./clouds";
import { about, type Finding } from "./report";

const say = about("Cloudflare");

const Zone = z.object({
  result: z.object({
    name: z.string(),
    status: z.string().optional(),
    permissions: z.array(z.string()).optional(),
  }),
});

const TOKEN_FIX = (stack: string): string =>
  `make one at Cloudflare (permission: Zone, DNS, Edit), then: npx infinity pulumi config set --stack ${stack} --secret cloudflare:apiToken`;

export async function checkCloudflare({ stack, house, config, env }: CloudChecks): Promise<Finding[]> {
  const zone = house.tunnel?.zone;
  if (zone === undefined) return [];
  const get = cloudApi("cloudflare", config, env);
  if (!get) return noToken(config, stack);
  const [found, records] = await Promise.all([get(`/zones/${zone}`), get(`/zones/${zone}/dns_records?per_page=1`)]);
  if (found.status === undefined) return [say.wrong("endpoint", found.problem ?? "", "check this machine's network")];
  if (found.status === 404)
    return [
      say.fine("token", "is known"),
      say.wrong("zone", `${zone}: ${found.problem ?? ""}`, "set tunnel.zone to the id on the domain's overview"),
    ];
  if (found.problem !== undefined) return [say.wrong("token", found.problem, TOKEN_FIX(stack))];
  const { result } = Zone.parse(found.body);
  return [say.fine("token", "is let in"), zoneFinding(house, result), recordsFinding(stack, result, records.problem)];
}

function noToken(config: CloudChecks["config"], stack: string): Finding[] {
  if (config === undefined) return [say.untried("token", "needs the stack's configuration, or CLOUDFLARE_API_TOKEN")];
  return [say.wrong("token", "there is none, and the house has names", TOKEN_FIX(stack))];
}

function zoneFinding({ domain }: House, { name, status }: z.infer<typeof Zone>["result"]): Finding {
  if (name !== domain)
    return say.wrong("zone", `is ${name}'s, the house's domain is ${domain}`, "set tunnel.zone to the domain's");
  if (status !== undefined && status !== "active")
    return say.note(
      "zone",
      `${name} is ${status}: its names don't lead anywhere yet`,
      "set its name servers at the registrar",
    );
  return say.fine("zone", name);
}

/** The zone's answer names the token's rights there, as far as it is a token of a user. */
function recordsFinding(
  stack: string,
  { permissions }: z.infer<typeof Zone>["result"],
  problem: string | undefined,
): Finding {
  if (problem !== undefined) return say.wrong("records", `may not be seen: ${problem}`, TOKEN_FIX(stack));
  if (permissions === undefined) return say.note("records", "can be seen; whether they may be changed can't be read");
  return permissions.includes("#dns_records:edit")
    ? say.fine("records", "may be changed")
    : say.wrong("records", "may be seen, and not changed", TOKEN_FIX(stack));
}
