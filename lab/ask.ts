/** Asks a lab's control: the lab whose certificate and key this folder knows, and no other. */
import { request } from "node:https";
import type { LabFolder, LabRecord } from "./folder";
import { CONTROL_HEADER } from "./proxmox/control";

export interface Question {
  readonly method: "GET" | "POST";
  /** `/lab/status` */
  readonly path: string;
  readonly body?: unknown;
}

const TIMEOUT_MS = 2000;

/** @throws where nothing of ours answered in time, or it refused */
export function askLab<T>(folder: LabFolder, record: LabRecord, { method, path, body }: Question): Promise<T> {
  const ca = folder.readIdentity()?.certificate.cert;
  const headers = { [CONTROL_HEADER]: record.controlKey };
  return new Promise((resolve, reject) => {
    const options = { method, ca, agent: false as const, timeout: TIMEOUT_MS, headers };
    const asked = request(`${record.url}${path}`, options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve((JSON.parse(text) as { readonly data: T }).data);
        else reject(new Error(`the lab answered ${response.statusCode ?? "nothing"} to ${method} ${path}: ${text}`));
      });
    });
    asked.on("timeout", () => asked.destroy(new Error(`the lab gave no answer within ${TIMEOUT_MS / 1000} s`)));
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
