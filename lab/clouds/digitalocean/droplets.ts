/** `/v2/droplets` and its actions: a droplet is made in a moment, resized when it is off, and gone when deleted. */
import type { CloudsWorld, DropletRecord } from "../world";
import { route, type Body, type CloudRoute } from "../http";
import { regionOf, sizeOf } from "./catalogue";
import { badRequest, notFound, unprocessable } from "./problems";

type Account = CloudsWorld["digitalocean"];

/** How long a droplet stays `new`: long enough to be seen, short enough not to be waited for. */
const NEW_MS = 30;

const statusOf = ({ off, activeAt }: DropletRecord): string => (Date.now() < activeAt ? "new" : off ? "off" : "active");

/** As the API shows a droplet. Without an address until it is active, and never with its user data. */
export function dropletJson(droplet: DropletRecord) {
  const size = sizeOf(droplet.size);
  const status = statusOf(droplet);
  const id = Number(droplet.image);
  const image = Number.isInteger(id) ? { id, slug: null } : { id: 63663980, slug: droplet.image };
  return {
    ...{ id: droplet.id, name: droplet.name, memory: size?.memory, vcpus: size?.vcpus, disk: size?.disk },
    ...{ locked: status === "new", status, kernel: null, created_at: droplet.createdAt },
    ...{ features: droplet.features, backup_ids: [], next_backup_window: null, snapshot_ids: [], volume_ids: [] },
    image: { ...image, name: droplet.image, distribution: "Debian", public: true, regions: [droplet.region] },
    size,
    size_slug: droplet.size,
    networks: {
      v4:
        status === "new"
          ? []
          : [{ ip_address: droplet.ipv4, netmask: "255.255.255.0", gateway: "203.0.113.1", type: "public" }],
      v6: [],
    },
    region: regionOf(droplet.region),
    tags: droplet.tags,
    vpc_uuid: "760e09ef-dc84-11e8-981e-3cfdfeaae000",
  };
}

const text = (body: Body, key: string): string => {
  const value = body[key];
  return typeof value === "string" ? value : "";
};

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function create(account: Account, body: Body) {
  const [name, region, size] = [text(body, "name"), text(body, "region"), text(body, "size")];
  const { image, ssh_keys: keys } = body;
  if (!/^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$/.test(name))
    throw unprocessable("Name can only contain valid hostname characters. (a-z, A-Z, 0-9, . and -)");
  if (regionOf(region) === undefined) throw unprocessable("You specified an invalid region for Droplet creation.");
  if (sizeOf(size) === undefined) throw unprocessable("You specified an invalid size for Droplet creation.");
  // A slug or a number, and nothing that has to be guessed.
  if (typeof image !== "number" && (typeof image !== "string" || !/^[a-z0-9-]+$/.test(image)))
    throw unprocessable("You specified an invalid image for Droplet creation.");
  const known = new Set(account.sshKeys.flatMap((key) => [String(key.id), key.fingerprint]));
  const unknown = strings(keys).filter((key) => !known.has(key));
  if (unknown.length > 0)
    throw unprocessable(`${unknown.join(", ")} are invalid key identifiers for Droplet creation.`);
  const id = account.nextId++;
  const droplet: DropletRecord = {
    ...{ id, name, region, size, image: String(image), sshKeys: strings(keys), tags: strings(body.tags), off: false },
    ...(typeof body.user_data === "string" ? { userData: body.user_data } : {}),
    features: ["droplet_agent", ...["monitoring", "ipv6", "backups"].filter((feature) => body[feature] === true)],
    ipv4: `203.0.113.${account.nextHost++}`,
    createdAt: new Date().toISOString(),
    activeAt: Date.now() + NEW_MS,
  };
  account.droplets[id] = droplet;
  const action = actionOn(account, "create", id);
  const links = { actions: [{ id: action.id, rel: "create", href: `/v2/actions/${action.id}` }] };
  return { status: 202, json: { droplet: dropletJson(droplet), links } };
}

/** Actions are done when they are answered. */
export function actionOn(account: Account, type: string, resource: number) {
  const id = account.nextId++;
  account.actions[id] = { id, type, resource };
  return actionJson({ id, type, resource });
}

const actionJson = ({ id, type, resource }: { id: number; type: string; resource: number }) => {
  const now = new Date().toISOString();
  const times = { started_at: now, completed_at: now };
  return { id, status: "completed", type, ...times, resource_id: resource, resource_type: "droplet" };
};

function act(account: Account, droplet: DropletRecord, body: Body) {
  const type = text(body, "type");
  switch (type) {
    case "power_off":
      droplet.off = true;
      break;
    case "power_on":
      droplet.off = false;
      break;
    case "rename":
      droplet.name = text(body, "name");
      break;
    case "resize": {
      const wanted = sizeOf(text(body, "size"));
      if (wanted === undefined) throw unprocessable("You specified an invalid size for Droplet resize.");
      if (!droplet.off) throw unprocessable("Droplet must be powered off to resize.");
      if (wanted.disk < (sizeOf(droplet.size)?.disk ?? 0))
        throw unprocessable("This size is not available because it has a smaller disk.");
      droplet.size = wanted.slug;
      break;
    }
    default:
      throw badRequest(`the lab's droplets know no action ${type}`);
  }
  return { status: 201, json: { action: actionOn(account, type, droplet.id) } };
}

export function dropletRoutes(account: Account): CloudRoute[] {
  const find = (id: string | undefined): DropletRecord => {
    const droplet = account.droplets[id ?? ""];
    if (!droplet) throw notFound();
    return droplet;
  };
  return [
    route("GET", "/v2/droplets", () => {
      const droplets = Object.values(account.droplets).map(dropletJson);
      return { status: 200, json: { droplets, links: {}, meta: { total: droplets.length } } };
    }),
    route("POST", "/v2/droplets", ({ body }) => create(account, body)),
    route("GET", "/v2/droplets/:id", ({ path: [id] }) => ({ status: 200, json: { droplet: dropletJson(find(id)) } })),
    route("DELETE", "/v2/droplets/:id", ({ path: [id] }) => {
      const { id: gone } = find(id);
      Reflect.deleteProperty(account.droplets, String(gone));
      for (const firewall of Object.values(account.firewalls))
        firewall.dropletIds = firewall.dropletIds.filter((other) => other !== gone);
      for (const reserved of Object.values(account.reservedIps))
        if (reserved.dropletId === gone) delete reserved.dropletId;
      return { status: 204 };
    }),
    route("POST", "/v2/droplets/:id/actions", ({ path: [id], body }) => act(account, find(id), body)),
    ...["/v2/actions/:action", "/v2/droplets/:id/actions/:action"].map((path) =>
      route("GET", path, (call) => {
        const action = account.actions[call.path.at(-1) ?? ""];
        if (!action) throw notFound();
        return { status: 200, json: { action: actionJson(action) } };
      }),
    ),
  ];
}
