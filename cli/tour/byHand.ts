/** Somebody at a guest's shell: the lab's own log-in, used as a person does. Opens one connection. */
import type { ServingGuests } from "../../lab/guest/guests";
import { connectHost } from "../../providers/ssh/connectHost";
import type { Host } from "../../providers/ssh/host";

/** @param user who logs in; may become root. */
export async function byHand(
  { key, ports }: ServingGuests,
  vm: string,
  user: string,
  work: (host: Host) => Promise<void>,
): Promise<void> {
  const host = connectHost({ address: "127.0.0.1", port: ports[vm], user, auth: { kind: "key", text: key } });
  try {
    await work(host);
  } finally {
    await host.close();
  }
}
