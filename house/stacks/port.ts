/** Ports that a container publishes on its VM, from both ways in which Compose writes them. Pure. */
import { z } from "zod";

export interface Port {
  /** On the VM; `undefined` where it is no plain number. */
  readonly published?: number;
  readonly protocol: string;
  /** As the Compose file has it, for messages. */
  readonly text: string;
}

const long = z.looseObject({
  published: z.union([z.string(), z.int()]).optional(),
  protocol: z.string().default("tcp"),
});

export const portsSchema = z.array(z.union([z.string(), z.int(), long])).default([]);
type Written = z.output<typeof portsSchema>[number];

const port = (published: string, protocol: string, text: string): Port => ({
  ...(/^\d{1,5}$/.test(published) ? { published: Number(published) } : {}),
  protocol,
  text,
});

export function portOf(written: Written): Port {
  if (typeof written === "object") {
    const published = String(written.published ?? "");
    return port(published, written.protocol, published);
  }
  const text = String(written);
  const [ports = "", protocol = "tcp"] = text.split("/");
  // [address:]published:target; a target alone gets a port that Docker picks.
  return port(ports.split(":").at(-2) ?? "", protocol, text);
}
