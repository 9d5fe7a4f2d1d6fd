/** Whether the tunnel's server can be made at DigitalOcean as the house describes it. Sends nothing but GET. */
import { z } from "zod";
import { knownDroplet, type KnownDroplet } from "../../house/tunnel";
import { cloudApi, type CloudAnswer, type CloudApi } from "./cloudApi";
import type { CloudChecks } from "./clouds";
import { about, type Finding } from "./report";

const say = about("DigitalOcean");

const Regions = z.object({ regions: z.array(z.object({ slug: z.string(), available: z.boolean() })) });
const Sizes = z.object({
  sizes: z.array(z.object({ slug: z.string(), available: z.boolean(), regions: z.array(z.string()) })),
});
const Image = z.object({ image: z.object({ status: z.string().optional(), regions: z.array(z.string()) }) });

const TOKEN_FIX = (stack: string): string =>
  `make one at DigitalOcean (API, Tokens: read and write), then: npx infinity pulumi config set --stack ${stack} --secret digitalocean:token`;

export async function checkDigitalocean({ stack, house, config, env }: CloudChecks): Promise<Finding[]> {
  const droplet = knownDroplet(house);
  if (!droplet) return [];
  const get = cloudApi("digitalocean", config, env);
  if (!get && config === undefined)
    return [say.untried("token", "needs the stack's configuration, or DIGITALOCEAN_TOKEN")];
  if (!get) return [say.wrong("token", "there is none, and the house has a droplet", TOKEN_FIX(stack))];
  // Not the account: a token that is cut down to droplets may not read that.
  const droplets = await get("/v2/droplets?per_page=1");
  if (droplets.status === undefined)
    return [say.wrong("endpoint", droplets.problem ?? "", "check this machine's network")];
  if (droplets.problem !== undefined) return [say.wrong("token", droplets.problem, TOKEN_FIX(stack))];
  const found = await Promise.all([region(get, droplet), size(get, droplet), image(get, droplet), keys(get, droplet)]);
  return [say.fine("token", "is let in, and sees droplets"), ...found.flat()];
}

const unread = (what: string, { problem = "" }: CloudAnswer): Finding =>
  say.note(what, `can't be read with this token: ${problem}`);

async function region(get: CloudApi, { region: slug }: KnownDroplet): Promise<Finding> {
  const answer = await get("/v2/regions?per_page=200");
  if (answer.problem !== undefined) return unread("region", answer);
  const available = Regions.parse(answer.body).regions.filter((one) => one.available);
  return available.some((one) => one.slug === slug)
    ? say.fine("region", slug)
    : say.wrong(
        "region",
        `${slug} is none, or takes no droplets`,
        `take one of: ${available.map((one) => one.slug).join(", ")}`,
      );
}

async function size(get: CloudApi, { size: slug, region: at }: KnownDroplet): Promise<Finding> {
  const answer = await get("/v2/sizes?per_page=200");
  if (answer.problem !== undefined) return unread("size", answer);
  const there = Sizes.parse(answer.body).sizes.filter(({ available, regions }) => available && regions.includes(at));
  if (there.some((one) => one.slug === slug)) return say.fine("size", slug);
  const few = there.slice(0, 5).map((one) => one.slug);
  return say.wrong(
    "size",
    `${slug} is not to be had in ${at}`,
    `take another, as ${few.join(", ") || "in another region"}`,
  );
}

async function image(get: CloudApi, { image: wanted, region: at }: KnownDroplet): Promise<Finding> {
  const answer = await get(`/v2/images/${wanted}`);
  if (answer.status === 404)
    return say.wrong("image", `${wanted} is none (any more)`, "take another: doctl compute image list-distribution");
  if (answer.problem !== undefined) return unread("image", answer);
  return Image.parse(answer.body).image.regions.includes(at)
    ? say.fine("image", wanted)
    : say.wrong("image", `${wanted} is not in ${at}`, "take another image or region");
}

async function keys(get: CloudApi, { sshKeys }: KnownDroplet): Promise<Finding[]> {
  return Promise.all(
    sshKeys.map(async (key) => {
      const answer = await get(`/v2/account/keys/${key}`);
      const what = `SSH key ${key}`;
      if (answer.status === 404)
        return say.wrong(what, "is not in the account", "take one of: doctl compute ssh-key list");
      return answer.problem === undefined ? say.fine(what, "is in the account") : unread(what, answer);
    }),
  );
}
