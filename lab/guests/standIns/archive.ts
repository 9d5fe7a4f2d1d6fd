/**
 * Container images as `docker load` takes them: any number in one archive, which share the layers that they have in common.
 * The same images make the same archive, with the same image ids. Pure.
 */
import { createHash } from "node:crypto";
import { tar, type Entry } from "./tar";

export interface ArchivedImage {
  /** `docker.io/emby/embyserver:4.9.5.0`; a name without a version can't be given. */
  readonly tag: string;
  /** Tar archives, the lowest first. */
  readonly layers: readonly Buffer[];
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const PATH = "/usr/local/bin:/usr/bin:/bin";

const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");

interface Layer {
  readonly data: Buffer;
  /** Of its content, in hexadecimal digits. */
  readonly hash: string;
  /** In the archive. */
  readonly path: string;
}

function layerOf(data: Buffer): Layer {
  const hash = sha256(data);
  return { data, hash, path: `${hash.slice(0, 32)}/layer.tar` };
}

function configOf({ entrypoint, environment }: ArchivedImage, layers: readonly Layer[]): string {
  const Env = Object.entries({ PATH, ...environment }).map(([name, value]) => `${name}=${value}`);
  return JSON.stringify({
    ...{ architecture: "amd64", os: "linux", created: "1970-01-01T00:00:00Z" },
    config: { Entrypoint: entrypoint, Env },
    rootfs: { type: "layers", diff_ids: layers.map(({ hash }) => `sha256:${hash}`) },
  });
}

const file = (path: string, content: Buffer | string): Entry => ({ kind: "file", path, mode: 0o644, content });

const stored = ({ path, data }: Layer): Entry[] => [
  { kind: "folder", path: path.slice(0, path.indexOf("/")), mode: 0o755 },
  file(path, data),
];

export function imageArchive(images: readonly ArchivedImage[]): Buffer {
  const layers = new Map([...new Set(images.flatMap((image) => image.layers))].map((data) => [data, layerOf(data)]));
  const described = images.map((image) => {
    const own = image.layers.map((data) => layers.get(data) ?? layerOf(data));
    const text = configOf(image, own);
    return { tag: image.tag, own, text, path: `${sha256(text)}.json` };
  });
  const manifest = described.map(({ tag, own, path }) => ({
    Config: path,
    RepoTags: [tag],
    Layers: own.map((layer) => layer.path),
  }));
  const distinct = new Map([...layers.values()].map((layer) => [layer.path, layer]));
  return tar([
    ...[...distinct.values()].flatMap(stored),
    ...described.map(({ path, text }) => file(path, text)),
    file("manifest.json", JSON.stringify(manifest)),
  ]);
}
