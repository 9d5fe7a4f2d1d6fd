/** What a house says of one downloaded file on a storage: the manual of the `DownloadedImage` resource. */
import type * as pulumi from "@pulumi/pulumi";

/** `import`: disk images that disks are made from; `iso`: CD images. */
export type ImageContent = "import" | "iso";

export interface ImageSpec {
  /** Node that downloads it. */
  readonly node: string;
  /** Storage that keeps it: one of files (dir, nfs) whose content has `import` or `iso`. Another one: downloaded there too. */
  readonly storage: string;
  /** File name there: `.qcow2`, `.raw`, `.vmdk` or `.ova` to import, `.iso` or `.img` otherwise. Another one: downloaded too. */
  readonly file: string;
  readonly content: ImageContent;
  /** Where Proxmox gets it: http or https. Another one with the same checksum changes nothing. */
  readonly url: string;
  /** `sha256:...` or `sha512:...`, hex. Another one under the same file name is refused in `check`: a file is never overwritten. */
  readonly checksum: string;
}

export type ImageArgs = { readonly [K in keyof ImageSpec]: pulumi.Input<ImageSpec[K]> };
