/** Takes an existing storage definition into the state. Reads only. */
import { differences } from "../../differences";
import { storageFromApi, type Definition } from "../storage/definition";
import type { StorageInputs, StorageState } from "../storage/inputs";
import { FIXED } from "../storage/schema";
import { storageState } from "../storage/unnamed";
import { sentences, whichCount } from "./differing";
import type { Adoption } from "../../adoption";

/**
 * @param live its definition, where it has one.
 * @returns what is recorded.
 * @throws Error where it is not there, or differs: in what Proxmox never changes, or in anything where that is refused.
 */
export function adoptStorage(live: Definition | undefined, inputs: StorageInputs, adoption: Adoption): StorageState {
  if (live === undefined) throw new Error("it is not there, and adopting makes none - a plain up does");
  const now = storageFromApi(live, inputs);
  const found = whichCount(differences(now, inputs));
  const fixed = ["type", ...Object.keys(FIXED[inputs.type])];
  const stuck = found.filter(({ property }) => fixed.includes(property));
  if (stuck.length > 0)
    throw new Error(`it is another storage than the house's, so it was not taken over - ${sentences(stuck)}`);
  if (found.length > 0 && adoption === "matching")
    throw new Error(`it differs from the house, so it was not taken over - ${sentences(found)}`);
  return storageState(live, now);
}
