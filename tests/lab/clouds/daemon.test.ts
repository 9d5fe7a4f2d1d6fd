/** The clouds of a lab in the background: kept over a stop, at the same place, and empty after a reset. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAB_CLOUDS } from "../../../lab/clouds/world";
import { resetLab, startLab, stopLab } from "../../../lab/daemon";
import type { LabRecord } from "../../../lab/folder";

const RECORDS = `/zones/${LAB_CLOUDS.zone}/dns_records`;
const headers = { authorization: `Bearer ${LAB_CLOUDS.cloudflareToken}` };

async function names({ clouds }: LabRecord): Promise<string[]> {
  const response = await fetch(`${clouds.baseUrl}${RECORDS}`, { headers });
  return ((await response.json()) as { result: { name: string }[] }).result.map(({ name }) => name);
}

test("a record outlives the lab's process, and not its reset", async () => {
  const dir = mkdtempSync(join(tmpdir(), "lab-clouds-daemon-"));
  try {
    const { record } = await startLab({ dir });
    const body = JSON.stringify({ name: "@", type: "A", content: "203.0.113.9" });
    await fetch(`${record.clouds.baseUrl}${RECORDS}`, { method: "POST", headers, body });
    process.kill(record.pid, "SIGKILL");
    await stopLab({ dir });
    const { record: again } = await startLab({ dir });
    expect(again.clouds).toEqual(record.clouds);
    expect(await names(again)).toEqual([LAB_CLOUDS.domain]);
    const { record: anew } = await resetLab({ dir });
    expect(anew && (await names(anew))).toEqual([]);
  } finally {
    await stopLab({ dir });
    rmSync(dir, { recursive: true });
  }
}, 30_000);
