/** Which images a VM's stacks want, and what stands in for each where no registry can be reached. Pure. */
import { parse } from "yaml";
import { z } from "zod";
import { parseImage } from "../../../house/stacks/image";
import type { Stack } from "../../../house/stacks/stack";
import { PROBES } from "./rootfs";

/** An image that is not the real one, and answers as far as a health check asks. */
export interface StandIn {
  /** With its version: `docker.io/emby/embyserver:4.9.5.0`. */
  readonly image: string;
  /** Where it answers, by HTTP whatever it is asked. Several services of one image answer on the ports of all. */
  readonly ports: readonly number[];
}

/** How a stand-in is. `sick` never gets healthy, `ends` doesn't run. */
export type Health = "well" | "sick" | "ends";

/** Other versions of each image, for updates that do well and that don't: what is behind the version of the stack. */
export const VERSIONS = { "-next": "well", "-broken": "sick", "-ends": "ends" } as const satisfies Record<
  string,
  Health
>;

export interface StandIns {
  readonly standIns: readonly StandIn[];
  /** Images that are named by their digest, which no other image can have. */
  readonly leftOut: readonly string[];
}

const Services = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      network_mode: z.string().optional(),
      ports: z.array(z.union([z.string(), z.number()])).default([]),
      healthcheck: z.looseObject({ test: z.union([z.string(), z.array(z.string())]) }).optional(),
    }),
  ),
});
type Service = z.output<typeof Services>["services"][string];

/** `8080:80` and `80` are 80 in the container. */
const inside = (written: string | number): number => Number(/(\d+)(?:\/tcp)?$/.exec(String(written))?.[1]);

/** Where a health check asks: by an address, by Bash's own sockets, or by a program that knows. */
function asked({ healthcheck }: Service): number[] {
  const words = [healthcheck?.test ?? []].flat();
  const text = words.join(" ");
  const written = [...text.matchAll(/127\.0\.0\.1[:/](\d+)/g)].map(([, port]) => Number(port));
  return [...written, ...words.flatMap((word) => PROBES[word] ?? [])];
}

/** A container that others live in publishes their ports: those are theirs to answer. */
function portsOf(name: string, services: Readonly<Record<string, Service>>): number[] {
  const service = services[name];
  if (service === undefined) return [];
  const isShared = Object.values(services).some(({ network_mode }) => network_mode === `service:${name}`);
  return [...asked(service), ...(isShared ? [] : service.ports.map(inside))];
}

/** @param stacks of one VM */
export function standInsOf(stacks: readonly Pick<Stack, "file" | "files">[]): StandIns {
  const ports = new Map<string, Set<number>>();
  const leftOut = new Set<string>();
  for (const { file, files } of stacks) {
    const { services } = Services.parse(parse(files[file] ?? "", { merge: true }));
    for (const [name, { image }] of Object.entries(services)) {
      if (parseImage(image).digest !== undefined) leftOut.add(image);
      else ports.set(image, new Set([...(ports.get(image) ?? []), ...portsOf(name, services)]));
    }
  }
  const standIns = [...ports].map(([image, all]) => ({ image, ports: [...all].sort((a, b) => a - b) }));
  return { standIns: standIns.sort((a, b) => (a.image < b.image ? -1 : 1)), leftOut: [...leftOut].sort() };
}
