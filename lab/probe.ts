/** Asks a lab whether it is there: the one whose certificate, key and process this folder knows, and no other. */
import { request } from "node:https";
import { CONTROL_HEADER } from "./proxmox/control";
import type { LabFolder, LabRecord } from "./folder";

const TIMEOUT_MS = 2000;

/** The status that `/lab/status` answers; `undefined` where nothing of ours answered in time. */
export function probe(folder: LabFolder, record: LabRecord): Promise<{ readonly pid: number } | undefined> {
  const ca = folder.readIdentity()?.certificate.cert;
  return new Promise((resolve) => {
    const give = (value?: { readonly pid: number }): void => {
      resolve(value);
    };
    const options = {
      ca,
      agent: false as const,
      timeout: TIMEOUT_MS,
      headers: { [CONTROL_HEADER]: record.controlKey },
    };
    const asked = request(`${record.url}/lab/status`, options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("error", () => {
        give();
      });
      response.on("end", () => {
        give(response.statusCode === 200 ? (JSON.parse(body) as { data: { pid: number } }).data : undefined);
      });
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => {
      give();
    });
    asked.end();
  });
}
