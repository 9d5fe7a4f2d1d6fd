/** Regions and sizes in the API's shapes. Sizes say their figures in their slug: `s-1vcpu-1gb`. Pure. */

const REGIONS: Readonly<Record<string, string>> = {
  nyc1: "New York 1",
  nyc2: "New York 2",
  nyc3: "New York 3",
  sfo2: "San Francisco 2",
  sfo3: "San Francisco 3",
  ams3: "Amsterdam 3",
  fra1: "Frankfurt 1",
  lon1: "London 1",
  sgp1: "Singapore 1",
  tor1: "Toronto 1",
  blr1: "Bangalore 1",
  syd1: "Sydney 1",
  atl1: "Atlanta 1",
};

export const REGION_SLUGS: readonly string[] = Object.keys(REGIONS);

/** The plain sizes. A droplet can be made with any other that says its figures. */
export const SIZE_SLUGS = [
  "s-1vcpu-512mb-10gb",
  "s-1vcpu-1gb",
  "s-1vcpu-2gb",
  "s-2vcpu-2gb",
  "s-2vcpu-4gb",
  "s-4vcpu-8gb",
  "s-8vcpu-16gb",
] as const;

export const IMAGES: readonly string[] = [
  "debian-12-x64",
  "debian-13-x64",
  "ubuntu-22-04-x64",
  "ubuntu-24-04-x64",
  "fedora-42-x64",
];

export interface Size {
  readonly slug: string;
  /** MiB. */
  readonly memory: number;
  readonly vcpus: number;
  /** GiB. */
  readonly disk: number;
  readonly price_monthly: number;
  readonly price_hourly: number;
}

export const regionOf = (slug: string) => {
  const name = REGIONS[slug];
  return name === undefined ? undefined : { name, slug, features: ["metadata"], available: true, sizes: [] };
};

/** @returns `undefined` for a slug that says no figures. */
export function sizeOf(slug: string): Size | undefined {
  const [, vcpus, amount, unit, disk] = /^[a-z0-9]+-(\d+)vcpu-(\d+)(mb|gb)(?:-(\d+)gb)?$/.exec(slug) ?? [];
  if (vcpus === undefined || amount === undefined) return undefined;
  const memory = Number(amount) * (unit === "gb" ? 1024 : 1);
  const monthly = Math.max(4, Math.round((memory / 1024) * 6));
  const room = disk === undefined ? Math.max(10, (memory / 1024) * 25) : Number(disk);
  return {
    slug,
    memory,
    vcpus: Number(vcpus),
    disk: room,
    price_monthly: monthly,
    price_hourly: Number((monthly / 672).toFixed(5)),
  };
}
