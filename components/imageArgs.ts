/** From what the house says of an image to what the Proxmox resource is asked. Pure. */
import { imageFile, type HouseImage } from "../house/images";
import type { House } from "../house/schema";
import type { ImageSpec } from "../providers/proxmox/image/args";

export function imageArgs(house: House, image: HouseImage): ImageSpec {
  const { url, checksum, storage, content } = image;
  return { node: house.hypervisor.node, storage, file: imageFile(image), content, url, checksum };
}
