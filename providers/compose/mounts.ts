/** Where a container's data lies, as Docker tells it, beside where the house says that it lies. Pure. */
import { posix } from "node:path";
import { z } from "zod";
import type { ComposeStackInputs, StackService } from "./args";

/** `Mounts` of `docker inspect`. */
export const mountsSchema = z
  .array(
    z.object({
      Type: z.string(),
      Name: z.string().optional(),
      Source: z.string().default(""),
      Destination: z.string(),
      RW: z.boolean().default(true),
    }),
  )
  .nullish();

/** Something that a container writes to, and that outlives it. */
export interface Mounted {
  /** Path in the container. */
  readonly at: string;
  /** Path on the guest. */
  readonly source: string;
  /** Of a volume: its name. */
  readonly volume?: string;
}

/** One whose data lies elsewhere than the next container's would. */
export interface Moved {
  readonly service: string;
  /** Of the container, as Docker takes it: twelve digits of its id. */
  readonly container: string;
  readonly has: Mounted;
  /** Paths of the guest, or a volume's name: any that holds something by now is where the data went. */
  readonly wanted: readonly string[];
  /** Whether that is mounted at the same path; else nothing is mounted there any more. */
  readonly at: boolean;
}

export const plain = (path: string): string => posix.normalize(path).replace(/(.)\/$/, "$1");

/** Docker's own name for a volume that nobody named. */
const NAMELESS = /^[0-9a-f]{64}$/;

/** The guest's own, which anything may see. */
const OF_THE_GUEST = /^\/(boot|dev|etc|lib|proc|run|sys|usr|var\/(run|lib\/docker))(\/|$)/;

export const mountedIn = (mounts: z.infer<typeof mountsSchema>): Mounted[] =>
  (mounts ?? [])
    .filter(({ Type, RW }) => RW && (Type === "bind" || Type === "volume"))
    .map(({ Destination, Source, Name }) => ({
      at: plain(Destination),
      source: plain(Source),
      ...(Name === undefined ? {} : { volume: Name }),
    }));

export const isPath = (place: string): boolean => place.startsWith("/");

const isOwnFile = (place: string): boolean => place.startsWith("./");

const isSame = ({ source, volume }: Mounted, wanted: string): boolean =>
  volume === wanted || (isPath(wanted) && source === plain(wanted));

export const isUnder = (inner: string, outer: string): boolean => inner === outer || inner.startsWith(`${outer}/`);

/** Another place for what the container has at the same path. The stack's own files are the house's to give. */
function elsewhere({ data = {} }: StackService, { at }: Mounted): string | undefined {
  const wanted = Object.entries(data).find(([path]) => plain(path) === at)?.[1];
  return wanted === undefined || isOwnFile(wanted) ? undefined : wanted;
}

/** By path in the container, where another one says. */
export function movedPlaces(mounted: readonly Mounted[], service: StackService): Moved["has"][] {
  return mounted.filter((has) => {
    const wanted = elsewhere(service, has);
    return wanted !== undefined && !isSame(has, wanted);
  });
}

interface Holder {
  readonly id: string;
  readonly service: string;
  readonly data: readonly Mounted[];
}

type Stack = Pick<ComposeStackInputs, "services" | "mounts">;

/** Services without a container: one that no service has any more was perhaps called otherwise. */
const waiting = ({ services }: Stack, all: readonly Holder[]): StackService[] =>
  Object.entries(services).flatMap(([name, one]) => (all.some(({ service }) => service === name) ? [] : [one]));

/** Under another name only of what was made by hand: of its own services the house knows which is which. */
function successor({ service, data }: Holder, stack: Stack, heirs: readonly StackService[]): StackService | undefined {
  return stack.services[service] ?? heirs.find((one) => data.some((has) => elsewhere(one, has) !== undefined));
}

const placesOf = (services: readonly StackService[]): (readonly [at: string, place: string])[] =>
  services.flatMap(({ data = {} }) =>
    Object.entries(data).map(([at, place]) => [plain(at), isOwnFile(place) ? place : plain(place)] as const),
  );

/**
 * What the next containers mount nowhere. A volume without a name Compose hands on itself, and files of the stack's own
 * are in the place of what was there.
 */
function dropped({ data }: Holder, stack: Stack, next: readonly StackService[]): Mounted[] {
  const kept = placesOf(Object.values(stack.services));
  const own = placesOf(next).map(([at, place]) => ({ at, file: isOwnFile(place) }));
  return data.filter(
    ({ at, source, volume }) =>
      !own.some((one) => one.at === at || (one.file && isUnder(one.at, at))) &&
      !NAMELESS.test(volume ?? "") &&
      !(volume === undefined && OF_THE_GUEST.test(source)) &&
      !kept.some(([, place]) => place === volume || isUnder(source, place) || isUnder(place, source)),
  );
}

/** Where its data may have gone under another name: what the next containers mount besides, but for the NAS's share. */
const others = ({ data }: Holder, { mounts = [] }: Stack, next: readonly StackService[]): string[] =>
  placesOf(next)
    .filter(([at, place]) => isPath(place) && !data.some((has) => has.at === at))
    .filter(([, place]) => !mounts.some((share) => isUnder(place, share)))
    .map(([, place]) => place);

/**
 * @param foreign whether the containers were made by hand: of the house's own the preview told what they mount no more.
 */
export function movedData(containers: readonly Holder[], stack: Stack, foreign: boolean): Moved[] {
  return containers.flatMap((container): Moved[] => {
    const heirs = foreign ? waiting(stack, containers) : [];
    const next = successor(container, stack, heirs);
    const one = { service: container.service, container: container.id.slice(0, 12) };
    const moved = (next ? movedPlaces(container.data, next) : []).flatMap((has): Moved[] => {
      const wanted = next && elsewhere(next, has);
      return wanted === undefined ? [] : [{ ...one, has, wanted: [wanted], at: true }];
    });
    if (!foreign) return moved;
    const after = next ? [next] : heirs;
    const wanted = others(container, stack, after);
    return [...moved, ...dropped(container, stack, after).map((has) => ({ ...one, has, wanted, at: false }))];
  });
}

/** What a person calls it. */
export const placeName = ({ source, volume }: Mounted): string => {
  if (volume === undefined) return source;
  return NAMELESS.test(volume) ? `a volume without a name (${source})` : `volume ${volume} (${source})`;
};
