/** The house as one schema, and its types. What is known of each section stands in `sections/`. Pure. */
import { z } from "zod";
import { domain, label, timezone } from "./vocabulary";
import { guestsSection } from "./sections/guest";
import { hypervisorSection } from "./sections/hypervisor";
import { imagesSection } from "./sections/image";
import { nasSection } from "./sections/nas";
import { networkSection } from "./sections/network";
import { sshSection } from "./sections/ssh";
import { storagesSection } from "./sections/storage";
import { tunnelSection } from "./sections/tunnel";
import { secretsSection, settingsSection } from "./sections/values";
import { vmSection, vmsSection } from "./sections/vm";

/** Everything but the hypervisor and its VMs is optional: a house of one VM and no cloud is a house. */
export const houseSchema = z.strictObject({
  extends: label.optional().meta({ description: "Stack whose file this one completes and overrides: prod" }),
  network: networkSection.optional(),
  hypervisor: hypervisorSection,
  storages: storagesSection.optional(),
  images: imagesSection.optional(),
  nas: nasSection.optional(),
  ssh: sshSection.optional(),
  guests: guestsSection.optional(),
  vms: vmsSection,
  domain: domain.optional().meta({ description: "The house's domain: infinity-node.com" }),
  tunnel: tunnelSection.optional(),
  timezone: timezone.optional().meta({ description: "Of schedules and logs: Europe/Berlin. Default: Etc/UTC" }),
  settings: settingsSection.optional(),
  secrets: secretsSection.optional(),
});

/**
 * A house that has problems, as far as it is sound: what a section can't be without may be missing, so that the rest of
 * it can still be held against the other sections.
 */
export const draftSchema = z.strictObject({
  ...houseSchema.partial().shape,
  hypervisor: hypervisorSection.partial({ node: true }).optional(),
  vms: z.record(label, vmSection.partial({ vmid: true })).optional(),
});

/** A house whose sections were checked, and hold together. Secrets are not in it: only whether they are given. */
export type House = z.output<typeof houseSchema>;
export type Vm = House["vms"][string];
export type VmDisk = NonNullable<Vm["disks"]>[keyof NonNullable<Vm["disks"]>];
export type HouseStorage = NonNullable<House["storages"]>[string];
/** Every house is one; see {@link draftSchema}. */
export type Draft = z.output<typeof draftSchema>;
export type DraftVm = NonNullable<Draft["vms"]>[string];
