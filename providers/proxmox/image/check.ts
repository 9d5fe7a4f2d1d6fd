/** `check` of a downloaded file: shape, what Proxmox takes as its name, and that no file is overwritten. CPU only. */
import { z } from "zod";
import { canonical } from "../../canonical";
import { failuresOf } from "../../failures";
import type { CheckFailure } from "../../lifecycle";
import { isUnknown } from "../../unknown";
import type { ImageContent, ImageSpec } from "./args";
import { volumeOf, type ImageInputs } from "./inputs";

/** PVE 8.4 takes no other ones (`download-url`); more characters than these it would replace. */
const FILE: Readonly<Record<ImageContent, { readonly pattern: RegExp; readonly rule: string }>> = {
  import: {
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*\.(qcow2|raw|vmdk|ova)$/,
    rule: "Proxmox imports .qcow2, .raw, .vmdk and .ova only - name the file so (many .img files are qcow2: file: noble.qcow2)",
  },
  iso: { pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]*\.(iso|img)$/i, rule: "a CD image is called .iso or .img - name it so" },
};

const CHECKSUM = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/i;

const imageSchema = z.strictObject({
  node: z.string().regex(/^[A-Za-z0-9-]+$/, { error: "the name of a node" }),
  storage: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9._-]*[A-Za-z0-9]$/, { error: "a storage id is a letter first, two characters or more" }),
  file: z.string().max(255, { error: "255 characters at most" }),
  content: z.enum(["import", "iso"]),
  url: z.string().regex(/^https?:\/\/[^\s/]+\/\S+$/, { error: "an address that Proxmox can download: https://..." }),
  checksum: z.string().regex(CHECKSUM, { error: "sha256: and 64, or sha512: and 128 hexadecimal digits" }),
});

/** `debian-12-1a2b3c4d.qcow2`: another name for another file. */
export function nameOfItsOwn(file: string, checksum: string): string {
  const [, stem = file, ending = ""] = /^(.*?)(\.[^.]+)$/.exec(file) ?? [];
  return `${stem}-${checksum.slice(checksum.indexOf(":") + 1).slice(0, 8)}${ending}`;
}

function overwriting(olds: Partial<ImageInputs>, news: ImageSpec): CheckFailure[] {
  const parts = ["node", "storage", "content", "file", "checksum"] as const;
  if (parts.some((part) => olds[part] === undefined || isUnknown(olds[part]) || isUnknown(news[part]))) return [];
  const place = (image: ImageSpec): string => `${image.node}/${volumeOf(image)}`;
  if (place(olds as ImageSpec) !== place(news) || olds.checksum === news.checksum) return [];
  return [
    {
      property: "checksum",
      reason:
        `${news.checksum}: ${volumeOf(news)} was downloaded with another one, and a file is never overwritten - give this ` +
        `one a name of its own (file: ${nameOfItsOwn(news.file, news.checksum)}); the old one stays, disks made from it too`,
    },
  ];
}

/** @param olds recorded inputs; `{}` for a new one. */
export function checkImage(olds: unknown, news: unknown): { inputs: ImageInputs; failures: CheckFailure[] } {
  const given = news as ImageSpec;
  const failures = failuresOf(imageSchema, news);
  if (failures.length > 0) return { inputs: given, failures };
  const inputs: ImageInputs = canonical({
    ...given,
    checksum: isUnknown(given.checksum) ? given.checksum : given.checksum.toLowerCase(),
  });
  const { file, content } = inputs;
  const named = isUnknown(file) || isUnknown(content) || FILE[content].pattern.test(file);
  const misnamed = named ? [] : [{ property: "file", reason: `${file}: ${FILE[content].rule}` }];
  return { inputs, failures: [...misnamed, ...overwriting(olds ?? {}, inputs)] };
}
