/** Images are called as Proxmox takes them, lie where files lie, and are there for the disks that are made from them. Pure. */
import type { Problem } from "../../values/problem";
import { imageFile, imageVolume, type HouseImage } from "../images";
import type { Draft } from "../schema";

/** PVE 8.4's own (`download-url`). */
const ENDINGS = { import: /\.(qcow2|raw|vmdk|ova)$/, iso: /\.(iso|img)$/i } as const;

function fileProblems(path: string, image: HouseImage): Problem[] {
  const file = imageFile(image);
  if (ENDINGS[image.content].test(file)) return [];
  const fix =
    image.content === "import"
      ? "give it a file name that says its format (file: NAME.qcow2; most .img files are qcow2)"
      : "give it a file name that ends in .iso";
  return [{ path: `${path}.file`, value: file, rule: `Proxmox takes no such name for ${image.content}`, fix }];
}

/** @param declared storage ids as people wrote them; without the section, storages are Proxmox's own business. */
function placeProblems(
  storages: Draft["storages"],
  declared: readonly string[] | undefined,
  path: string,
  image: HouseImage,
): Problem[] {
  if (!declared) return [];
  const [at, value] = [`${path}.storage`, image.storage];
  if (!declared.includes(value))
    return [
      {
        path: at,
        value,
        rule: "is no storage of the house",
        fix: `take one of its storages: ${declared.join(", ")}; or add it`,
      },
    ];
  const storage = storages?.[value];
  if (storage?.type === "lvmthin")
    return [{ path: at, value, rule: "an LVM pool holds no files", fix: "take a storage of type dir or nfs" }];
  const content = storage?.content;
  if (!content || content.includes(image.content)) return [];
  const rule = `the storage holds ${content.join(", ")}, and no ${image.content}`;
  return [{ path: at, value, rule, fix: `add ${image.content} to storages.${value}.content` }];
}

function diskProblems({ vms = {}, images = {} }: Draft, given: readonly string[]): Problem[] {
  return Object.entries(vms).flatMap(([name, vm]) =>
    Object.entries(vm.disks ?? {}).flatMap(([slot, disk]): Problem[] => {
      if (disk.physical || disk.image === undefined) return [];
      const [path, value] = [`vms.${name}.disks.${slot}.image`, disk.image];
      if (!given.includes(value)) {
        const known = given.length > 0 ? `take one of its images: ${given.join(", ")}; or ` : "";
        return [{ path, value, rule: "is no image of the house", fix: `${known}add it: images.${value}` }];
      }
      if (images[value]?.content !== "iso") return [];
      return [
        { path, value, rule: "is a CD, and no disk is made from one", fix: `set images.${value}.content: import` },
      ];
    }),
  );
}

function twice(images: NonNullable<Draft["images"]>): Problem[] {
  const first = new Map<string, string>();
  return Object.entries(images).flatMap(([name, image]) => {
    const volume = imageVolume(image);
    const taken = first.get(volume);
    first.set(volume, taken ?? name);
    const rule = `is the file of images.${taken ?? ""} already`;
    return taken === undefined
      ? []
      : [{ path: `images.${name}.file`, value: volume, rule, fix: "give one of them another file" }];
  });
}

/** @param given names of the images as people wrote them: one with a problem of its own is there all the same. */
export function imageProblems(
  draft: Draft,
  declared: readonly string[] | undefined,
  given: readonly string[],
): Problem[] {
  const { images = {}, storages } = draft;
  return [
    ...Object.entries(images).flatMap(([name, image]) => [
      ...fileProblems(`images.${name}`, image),
      ...placeProblems(storages, declared, `images.${name}`, image),
    ]),
    ...twice(images),
    ...diskProblems(draft, given),
  ];
}
