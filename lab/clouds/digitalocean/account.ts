/** What is asked before a droplet is made: the account, its keys, and which regions, sizes and images there are. */
import type { CloudsWorld } from "../world";
import { route, type CloudRoute } from "../http";
import { IMAGES, regionOf, REGION_SLUGS, sizeOf, SIZE_SLUGS } from "./catalogue";
import { notFound } from "./problems";

const list = <T>(name: string, items: readonly T[]) => ({
  status: 200,
  json: { [name]: items, links: {}, meta: { total: items.length } },
});

export const accountRoutes = ({ sshKeys }: CloudsWorld["digitalocean"]): CloudRoute[] => [
  route("GET", "/v2/account", () => ({
    status: 200,
    json: { account: { email: "lab@infinity-node.com", droplet_limit: 25, email_verified: true, status: "active" } },
  })),
  route("GET", "/v2/account/keys", () => list("ssh_keys", sshKeys)),
  route("GET", "/v2/account/keys/:key", ({ path: [wanted] }) => {
    const key = sshKeys.find(({ id, fingerprint }) => String(id) === wanted || fingerprint === wanted);
    if (!key) throw notFound();
    return { status: 200, json: { ssh_key: key } };
  }),
  route("GET", "/v2/regions", () => list("regions", REGION_SLUGS.map(regionOf))),
  route("GET", "/v2/sizes", () =>
    list(
      "sizes",
      SIZE_SLUGS.map((slug) => ({ ...sizeOf(slug), available: true, regions: REGION_SLUGS })),
    ),
  ),
  route("GET", "/v2/images/:slug", ({ path: [slug = ""] }) => {
    if (!IMAGES.includes(slug)) throw notFound();
    return { status: 200, json: { image: { id: 63663980, slug, status: "available", regions: REGION_SLUGS } } };
  }),
];
