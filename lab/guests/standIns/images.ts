/**
 * The archive that a guest's Docker loads: for each image that its stacks want the stand-in, and its other versions. A new
 * kind of stand-in, with more inside than an answer, is an entry of LAYERS. Pure.
 */
import { parseImage } from "../../../house/stacks/image";
import { imageArchive, type ArchivedImage } from "./archive";
import { baseLayer } from "./rootfs";
import { VERSIONS, type Health, type StandIn } from "./standIn";

/** A layer over the common one, and what is run instead of its program, by the image's name. */
export interface OwnLayer {
  readonly layer: Buffer;
  readonly entrypoint: readonly string[];
}

export interface Makings {
  /** Busybox, statically linked. */
  readonly busybox: Buffer;
  /** By the image's name: `docker.io/qmcgaw/gluetun`. */
  readonly own?: Readonly<Record<string, OwnLayer>>;
}

/** The versions of an image that are there: its own, and one for each way an update can go. */
export const versionsOf = (image: string): Readonly<Record<string, Health>> => ({
  [image]: "well",
  ...Object.fromEntries(Object.entries(VERSIONS).map(([suffix, health]) => [`${image}${suffix}`, health])),
});

export function standInImages(standIns: readonly StandIn[], { busybox, own = {} }: Makings): ArchivedImage[] {
  const base = baseLayer(busybox);
  return standIns.flatMap(({ image, ports }) => {
    const special = own[parseImage(image).name];
    return Object.entries(versionsOf(image)).map(([tag, health]) => ({
      tag,
      layers: [base, ...(special ? [special.layer] : [])],
      entrypoint: special?.entrypoint ?? ["/stand-in/run"],
      environment: { STAND_IN_FOR: tag, STAND_IN_PORTS: ports.join(" "), STAND_IN_IS: health },
    }));
  });
}

/** What `docker load` takes: all of them in one. */
export const standInArchive = (standIns: readonly StandIn[], makings: Makings): Buffer =>
  imageArchive(standInImages(standIns, makings));
