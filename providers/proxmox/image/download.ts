/** Has Proxmox download a file, or see that the right one is there. Changes nothing that is there. */
import { ProxmoxError, type ProxmoxClient } from "../client";
import { runningTasks } from "../runningTasks";
import type { ImageSpec } from "./args";
import { volumeOf } from "./inputs";

/** An image of some gigabytes over a slow line. */
const DOWNLOAD_TIMEOUT_MS = 3 * 3600_000;

interface Listed {
  readonly volid: string;
  readonly size: number;
}

const contentPath = ({ node, storage }: ImageSpec): string =>
  `/nodes/${encodeURIComponent(node)}/storage/${encodeURIComponent(storage)}`;

/** Bytes of the file; `undefined` where the storage has none of that name. @throws where that can't be known */
export async function fileSize(client: ProxmoxClient, image: ImageSpec): Promise<number | undefined> {
  const files = await client.get<readonly Listed[]>(`${contentPath(image)}/content`, { content: image.content });
  return files.find(({ volid }) => volid === volumeOf(image))?.size;
}

function said(error: unknown, image: ImageSpec): unknown {
  if (!(error instanceof ProxmoxError)) return error;
  const volume = volumeOf(image);
  const [, got, existing] = /^checksum mismatch: got '([^']*)' != expect '[^']*'(, aborting)?$/.exec(error.text) ?? [];
  const algorithm = image.checksum.split(":")[0] ?? "";
  if (existing !== undefined)
    return error.advised(
      `${volume} is there and is another file (${algorithm} ${got ?? ""}) - give this one another file name, or remove that one in Proxmox`,
    );
  if (got !== undefined)
    return error.advised(
      `${image.url} gives another file than the house names, and it was not kept - if its publisher says so, write ${algorithm}:${got}`,
    );
  if (error.text.includes(" is not configured for content-type "))
    return error.advised(`add ${image.content} to the storage's content`);
  return error;
}

/**
 * Proxmox compares a file that is there with the checksum and downloads nothing; one that differs it leaves as it is.
 * What an interrupted run began is waited for, so that nothing is downloaded twice.
 * @returns bytes of the file.
 */
export async function ensureFile(client: ProxmoxClient, image: ImageSpec): Promise<number> {
  const { node, file: filename, content, url } = image;
  const [algorithm, checksum] = image.checksum.split(":");
  const timeoutMs = DOWNLOAD_TIMEOUT_MS;
  const begun = await runningTasks(client, node, { typefilter: "download" });
  for (const { id, upid } of begun) {
    // How it ended shows below.
    if (id === filename) await client.task(upid, { timeoutMs }).catch(() => undefined);
  }
  try {
    const body = { filename, content, url, checksum, "checksum-algorithm": algorithm };
    const upid = await client.post<string>(`${contentPath(image)}/download-url`, body);
    await client.task(upid, { timeoutMs });
  } catch (error) {
    throw said(error, image);
  }
  const size = await fileSize(client, image);
  if (size === undefined) throw new Error(`${volumeOf(image)} was downloaded, and the storage doesn't list it`);
  return size;
}
