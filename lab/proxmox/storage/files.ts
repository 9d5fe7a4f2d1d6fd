/** Files on the lab's directories: downloaded from a simulated web, as Proxmox 8.4 does. Works on the world. */
import { createHash } from "node:crypto";
import { may } from "../access/permissions";
import type { Call } from "../call";
import { startTask } from "../startTask";
import { Problem } from "../wire/problem";
import type { WebFile, World } from "../world";
import { isEnabled, storageContent, storagePath, type Storage } from "./definition";
import { isThin, storageNamed } from "./volumes";

const FOLDERS = { iso: "template/iso", vztmpl: "template/cache", import: "import" } as const;
type Kind = keyof typeof FOLDERS;

const ENDINGS: Readonly<Record<Kind, { readonly pattern: RegExp; readonly wrong: string }>> = {
  iso: { pattern: /[^/]+\.(?:iso|img)$/i, wrong: "wrong file extension" },
  vztmpl: { pattern: /[^/]+\.tar\.(?:gz|xz|zst|bz2)$/, wrong: "wrong file extension" },
  import: { pattern: /^[a-zA-Z0-9\-.+=_]+\.(?:ova|qcow2|raw|vmdk)$/, wrong: "invalid filename or wrong extension" },
};

/** As PVE::Storage::normalize_content_filename. */
const normalized = (name: string): string =>
  name
    .trim()
    .replace(/^.*\//, "")
    .replace(/\s/g, "_")
    .replace(/[^a-zA-Z0-9+.=_-]/g, "_");

function fileStorage(call: Call, kind: Kind): Storage {
  const storage = storageNamed(call.world, call.params.storage ?? "");
  if (!isEnabled(storage)) throw Problem.failed(`storage '${storage.storage}' is disabled`);
  if (isThin(storage))
    throw Problem.failed(`can't upload to storage type '${storage.type}', not a file based storage!`);
  if (!storageContent(storage).includes(kind))
    throw Problem.failed(`storage '${storage.storage}' is not configured for content-type '${kind}'`);
  return storage;
}

/** What stands at an address: the exact one, or the longest that ends in `*` and fits. */
export function webFile({ web = {} }: World, url: string): WebFile | undefined {
  const patterns = Object.keys(web).filter((key) => key.endsWith("*") && url.startsWith(key.slice(0, -1)));
  return web[url] ?? web[patterns.sort((a, b) => b.length - a.length)[0] ?? ""];
}

/** A file whose checksum nobody said has one that nobody expects. */
const checksumOf = (known: Readonly<Record<string, string>> | undefined, algorithm: string, seed: string): string =>
  known?.[algorithm] ?? createHash(algorithm).update(seed).digest("hex");

function download(call: Call, volid: string, path: string, kind: Kind, log: (line: string) => void): void {
  const { world, params, clock } = call;
  const { url = "", checksum, "checksum-algorithm": algorithm = "" } = params;
  const expected = checksum?.toLowerCase();
  log(`downloading ${url} to ${path}`);
  const there = world.volumes[volid];
  if (there) {
    if (expected === undefined) throw Problem.failed(`refusing to override existing file '${path}'`);
    const got = checksumOf(there.checksums, algorithm, volid);
    if (got !== expected) throw Problem.failed(`checksum mismatch: got '${got}' != expect '${expected}', aborting`);
    log("calculating checksum of existing file...OK, got correct file already, no need to download");
    return;
  }
  const file = webFile(world, url);
  if (!file) {
    const { hostname, port, protocol } = new URL(url);
    const at = `${hostname}:${port === "" ? ({ "http:": 80 }[protocol] ?? 443) : port}`;
    throw Problem.failed(`download failed: Connecting to ${at}... failed: Connection refused.`);
  }
  const asked: Record<string, string> = expected === undefined ? {} : { [algorithm]: expected };
  const checksums = file.checksums === "any" ? asked : file.checksums;
  if (expected !== undefined) {
    const got = checksumOf(checksums, algorithm, url);
    if (got !== expected) throw Problem.failed(`checksum mismatch: got '${got}' != expect '${expected}'`);
    log("calculating checksum...OK, checksum verified");
  }
  world.volumes[volid] = {
    volid,
    storage: params.storage ?? "",
    content: kind,
    format: kind === "import" ? (/\.(\w+)$/.exec(volid)?.[1] ?? "raw") : kind === "iso" ? "iso" : "tgz",
    size: file.bytes,
    fileSize: file.fileBytes ?? file.bytes,
    ctime: clock.now(),
    checksums,
  };
  log(`download of '${url}' to '${path}' finished`);
}

/** `POST .../storage/{storage}/download-url`: names and places are checked at once, the rest is a task. */
export function downloadUrl(call: Call): string {
  const { world, who, params } = call;
  // Both at the root, or the newer one at the node: who may make it ask may probe the node's own network.
  const older = ["Sys.Audit", "Sys.Modify"].every((privilege) => may(world, who, "/", privilege));
  if (!older && !may(world, who, `/nodes/${world.node.name}`, "Sys.AccessNetwork")) throw Problem.denied();
  const kind = params.content as Kind;
  const storage = fileStorage(call, kind);
  const name = normalized(params.filename ?? "");
  const { pattern, wrong } = ENDINGS[kind];
  if (!pattern.test(name)) throw Problem.parameters({ filename: wrong });
  const path = `${storagePath(storage) ?? ""}/${FOLDERS[kind]}/${name}`;
  const volid = `${storage.storage}:${kind}/${name}`;
  return startTask(
    call,
    "download",
    undefined,
    (log) => {
      download(call, volid, path, kind, log);
    },
    name,
  );
}
