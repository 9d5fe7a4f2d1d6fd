/** Whether a lab is there: the one whose certificate, key and process this folder knows, and no other. */
import { askLab } from "./ask";
import type { LabFolder, LabRecord } from "./folder";

/** What `/lab/status` answers; `undefined` where nothing of ours answered in time. */
export const probe = (folder: LabFolder, record: LabRecord): Promise<{ readonly pid: number } | undefined> =>
  askLab<{ readonly pid: number }>(folder, record, { method: "GET", path: "/lab/status" }).catch(() => undefined);
