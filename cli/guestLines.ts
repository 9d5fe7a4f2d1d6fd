/** The real guests that run, for people: one line each. Pure. */
import type { GuestState } from "../lab/guests/machines";

const HOW = { kvm: "with KVM", tcg: "emulated: its first boot takes a minute or two" };

/** @param key file of the private key that they let in. */
export function guestLines(guests: readonly GuestState[], key: string): string[] {
  if (guests.length === 0) return ["guests: real ones, none of which runs"];
  return guests.map(({ vmid, name, address, sshPort, console, accelerator }) => {
    const way =
      sshPort === undefined ? "no fixed address" : `${address ?? ""}, ssh -i ${key} -p ${sshPort} USER@127.0.0.1`;
    return `guest ${vmid} ${name}: ${way} (${HOW[accelerator]}; console in ${console})`;
  });
}
