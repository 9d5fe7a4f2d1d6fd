/** The real guests that run, for people: one line each. Pure. */
import type { GuestState } from "../lab/guests/machines";

const HOW = { kvm: "with KVM", tcg: "emulated: its first boot takes a minute or two" };

/** @param key file of the private key that they let in. */
export function guestLines(guests: readonly GuestState[], key: string): string[] {
  if (guests.length === 0) return ["guests: real ones, none of which runs"];
  return guests.map(({ vmid, name, address, sshPort, console, accelerator }) => {
    const logIn = sshPort === undefined ? "" : `, ssh -i ${key} -p ${sshPort} USER@127.0.0.1`;
    const who = vmid === undefined ? name : `guest ${vmid} ${name}`;
    return `${who}: ${address ?? "no fixed address"}${logIn} (${HOW[accelerator]}; console in ${console})`;
  });
}
