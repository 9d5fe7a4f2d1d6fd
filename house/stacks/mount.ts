/** What a container mounts, from both ways in which Compose writes it. Pure. */
import { z } from "zod";

export type Mount =
  /** A path of the VM; may hold variables: `${LIBRARY:?}/media`. */
  | (Common & { readonly kind: "path"; readonly source: string; readonly createsSource: boolean })
  /** A file or folder of the stack's own: `config/settings.yaml`. */
  | (Common & { readonly kind: "file"; readonly source: string })
  /** `source`: as Docker calls it; none for one without a name. */
  | (Common & { readonly kind: "volume"; readonly source?: string })
  /** Memory of the VM; `size` as written: `3g`, `${TRANSCODE}`. */
  | (Common & { readonly kind: "tmpfs"; readonly size?: string });

/** What of the host any stack may name outright. */
export const OF_THE_HOST = /^\/(dev|sys|proc|var\/run\/docker\.sock|run\/docker\.sock|etc\/(localtime|timezone))(\/|$)/;

interface Common {
  /** Path in the container. */
  readonly target: string;
  readonly readOnly: boolean;
}

const long = z.looseObject({
  type: z.string(),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.boolean().optional(),
  bind: z.looseObject({ create_host_path: z.boolean().optional() }).optional(),
  tmpfs: z.looseObject({ size: z.union([z.string(), z.int()]).transform(String).optional() }).optional(),
});

export const volumesSchema = z.array(z.union([z.string(), long])).default([]);
type Written = z.output<typeof volumesSchema>[number];

/** Parts between colons; one inside `${...}` is no separator. */
const parts = (text: string): string[] => text.match(/(?:\$\{[^}]*\}|[^:])+/g) ?? [];

const bind = (source: string, target: string, readOnly: boolean, createsSource: boolean): Mount =>
  source.startsWith("./")
    ? { kind: "file", source: source.slice(2), target, readOnly }
    : { kind: "path", source, target, readOnly, createsSource };

function fromText(text: string): Mount {
  const [source = "", target, options = ""] = parts(text);
  const readOnly = options.split(",").includes("ro");
  if (target === undefined) return { kind: "volume", target: source, readOnly };
  if (/^[./$~]/.test(source)) return bind(source, target, readOnly, true);
  return { kind: "volume", source, target, readOnly };
}

const tmpfs = (target: string, size: string | undefined, readOnly = false): Mount => ({
  kind: "tmpfs",
  target,
  readOnly,
  ...(size === undefined ? {} : { size }),
});

export function mountOf(written: Written): Mount {
  if (typeof written === "string") return fromText(written);
  const { type, source, target, read_only: readOnly = false } = written;
  if (type === "tmpfs") return tmpfs(target, written.tmpfs?.size, readOnly);
  if (type !== "bind" || source === undefined) return { kind: "volume", target, readOnly, ...(source && { source }) };
  return bind(source, target, readOnly, written.bind?.create_host_path ?? true);
}

/** `/config/transcoding-temp:size=3g,mode=1777` */
export function tmpfsOf(text: string): Mount {
  const [target = text, options = ""] = parts(text);
  return tmpfs(target, /(?:^|,)size=([^,]+)/.exec(options)?.[1]);
}
