/** A small client for the lab's tests: forms, a token or a ticket, and the server's own words. Speaks HTTPS to the lab. */
import { Agent, request } from "undici";
import type { LabProxmox } from "../../lab/proxmox/server";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly data: unknown;
  readonly message: string;
}

export type Form = Readonly<Record<string, string | number>>;

export class LabClient {
  private readonly agent: Agent;
  headers: Record<string, string> = {};

  constructor(private readonly lab: Pick<LabProxmox, "url" | "certificate">) {
    this.agent = new Agent({ connect: { ca: lab.certificate.cert } });
  }

  static withToken(lab: LabProxmox, token: string): LabClient {
    const client = new LabClient(lab);
    client.headers = { authorization: `PVEAPIToken=${token}` };
    return client;
  }

  /** @param path below `/api2/json`, or `/lab/...` */
  async send(method: "GET" | "POST" | "PUT" | "DELETE", path: string, form?: Form): Promise<Answer> {
    const encoded =
      form &&
      new URLSearchParams(
        Object.entries(form).map(([key, value]): [string, string] => [key, String(value)]),
      ).toString();
    const { statusCode, body } = await request(`${this.lab.url}/api2/json${path}`, {
      method,
      dispatcher: this.agent,
      headers: {
        ...this.headers,
        ...(encoded === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      body: encoded,
    });
    const text = await body.text();
    const parsed = text === "" ? null : (JSON.parse(text) as { data?: unknown; message?: string });
    return { status: statusCode, body: parsed, data: parsed?.data, message: parsed?.message?.trim() ?? "" };
  }

  /** Follows a task to its end, at most for `ms`, and gives its exit status. */
  async ended(upid: unknown, ms = 5000): Promise<string> {
    const path = `/nodes/${String(upid).split(":")[1] ?? ""}/tasks/${encodeURIComponent(String(upid))}/status`;
    for (const deadline = Date.now() + ms; Date.now() < deadline;) {
      const { data } = await this.send("GET", path);
      const { exitstatus } = data as { exitstatus?: string };
      if (exitstatus !== undefined) return exitstatus;
      await new Promise((wake) => setTimeout(wake, 2));
    }
    throw new Error(`task ${String(upid)} did not end`);
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
