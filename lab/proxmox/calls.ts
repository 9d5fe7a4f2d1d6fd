/** What was asked of the lab: counted by kind, and listed. In memory only. */

export interface CallRecord {
  readonly method: string;
  /** Below `/api2/json`, with its query. */
  readonly path: string;
  /** `GET /nodes/{node}/qemu/{vmid}/config`; the path itself where there is no such endpoint. */
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** 0 where a fault dropped the connection. */
  status: number;
}

export class CallLog {
  private records: CallRecord[] = [];

  get list(): readonly CallRecord[] {
    return this.records;
  }

  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.records) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  /** How many calls changed something, or tried to. */
  get writes(): number {
    return this.records.filter(({ method, kind }) => method !== "GET" && kind !== "POST /access/ticket").length;
  }

  add(record: CallRecord): CallRecord {
    this.records.push(record);
    return record;
  }

  reset(): void {
    this.records = [];
  }
}
