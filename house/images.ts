/** What follows from an image of the house: its file and volume. Pure. */
import type { Draft } from "./schema";

export type HouseImage = NonNullable<Draft["images"]>[string];

/** Its own name, or the last part of its address: `debian-12-genericcloud-amd64.qcow2`. */
export const imageFile = ({ file, url }: Pick<HouseImage, "file" | "url">): string =>
  file ?? decodeURIComponent(new URL(url).pathname.split("/").at(-1) ?? "");

/** As Proxmox names it: `local:import/debian-12.qcow2`. */
export const imageVolume = (image: HouseImage): string => `${image.storage}:${image.content}/${imageFile(image)}`;
