/** Whose VM it is: the smbios1 uuid that this program gives its VMs. Pure. */
import { v5 as uuidv5 } from "uuid";

/** A namespace of our own, so that no other program derives the same uuids (RFC 9562, section 6.6). */
const NAMESPACE = "5b9e4a0e-6a0c-4b0e-9a53-8f1d2f6c7e11";

/** The same stack and VMID give the same uuid on every run: a run killed before its state was written knows its VM again. */
export const vmUuid = (project: string, stack: string, vmid: number): string =>
  uuidv5(`${project}/${stack}/${vmid}`, NAMESPACE);
