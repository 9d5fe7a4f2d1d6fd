/** A guest that the house looks into can be reached, and what it is to have is there. Pure. */
import type { Problem } from "../../values/problem";
import { guestOf, loginOf } from "../guests";
import type { Draft } from "../schema";

/** @param given names of the sections as people wrote them: one with a problem of its own is there all the same. */
export function guestProblems(draft: Draft, given: ReadonlySet<string>): Problem[] {
  return Object.entries(draft.vms ?? {}).flatMap(([name, vm]) => {
    const guest = guestOf(draft, name);
    if (guest === undefined) return [];
    const path = `vms.${name}.guest`;
    const user = loginOf(draft, name);
    const own = user === undefined ? undefined : guest.users?.[user];
    return [
      ...(vm.address === undefined
        ? [{ path, rule: "nobody knows where it answers", fix: `give vms.${name}.address, or take guest out` }]
        : []),
      ...(vm.state === "stopped"
        ? [{ path, rule: "the VM is to be stopped, and lets nobody in then", fix: "take guest out, or let it run" }]
        : []),
      ...(user === undefined
        ? [{ path: `${path}.user`, rule: "who logs in must be said", fix: "give the user, here or in guests: evan" }]
        : []),
      ...(own?.sudo === "none"
        ? [
            {
              path: `${path}.users.${user ?? ""}.sudo`,
              value: "none",
              rule: "this is who logs in, and changes the guest by sudo",
              fix: "leave it out, or log in as another",
            },
          ]
        : []),
      ...(own?.keys?.length === 0
        ? [
            {
              path: `${path}.users.${user ?? ""}.keys`,
              rule: "this is who logs in, by a key",
              fix: "give its public key, or leave keys out",
            },
          ]
        : []),
      ...(user === "root" && guest.sshServer && guest.sshServer.rootLogin !== true
        ? [
            {
              path: `${path}.sshServer.rootLogin`,
              rule: "root is who logs in, and would be locked out",
              fix: "set it to true, or log in as another",
            },
          ]
        : []),
      ...(guest.mount && !given.has("nas")
        ? [{ path: `${path}.mount`, rule: "the house has no NAS", fix: "give the section nas, or leave it out" }]
        : []),
    ];
  });
}
