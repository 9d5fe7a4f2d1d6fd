/** A container image's name, taken apart. Pure. */

export interface Image {
  /** As the Compose file has it. */
  readonly reference: string;
  /** `docker.io/library/postgres` */
  readonly name: string;
  readonly tag?: string;
  /** `sha256:...`, or the variable that stands for it. */
  readonly digest?: string;
}

/** @param reference `ghcr.io/immich-app/immich-server:v2.7.5@sha256:...` */
export function parseImage(reference: string): Image {
  const at = reference.indexOf("@");
  const digest = at < 0 ? undefined : reference.slice(at + 1);
  const named = at < 0 ? reference : reference.slice(0, at);
  // A colon before the last slash is a registry's port.
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  return {
    reference,
    name: colon < 0 ? named : named.slice(0, colon),
    ...(colon < 0 ? {} : { tag: named.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Names that a publisher moves on from image to image. */
const ROLLING = /^(latest|release|stable|lts|main|master|edge|nightly|dev|develop|next|current|alpine|slim)(-.*)?$/;

/** Whether the tag says which version it is: it has a number in it, and a dot or a date. */
export const isPinned = ({ tag, digest }: Image): boolean =>
  digest !== undefined || (tag !== undefined && !ROLLING.test(tag) && /\d+([.-]\d+)+/.test(tag));
