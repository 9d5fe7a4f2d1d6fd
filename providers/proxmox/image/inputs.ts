/** What is recorded of a downloaded file. */
import type { ImageSpec } from "./args";

export interface ImageInputs extends ImageSpec {
  /** Only `read` sets it: the file is not the one that was downloaded. A change that shows. */
  readonly changed?: string;
}

export interface ImageState extends ImageInputs {
  /** Volume id, as a disk or CD-ROM drive names it: `local:import/debian-12.qcow2`. */
  readonly volume: string;
  /** Bytes of the file. */
  readonly size: number;
}

/** Names of the outputs that are no inputs. */
export const IMAGE_OUTPUTS = ["volume", "size"] as const;

export const volumeOf = ({ storage, content, file }: Pick<ImageSpec, "storage" | "content" | "file">): string =>
  `${storage}:${content}/${file}`;
