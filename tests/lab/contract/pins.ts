/**
 * How many of what was recorded the lab agrees with. A pin is raised when the lab got better, never lowered. Pure data.
 */
export const pins: Readonly<Record<string, number>> = {
  "01-basic": 36,
  "02-vm-create": 205,
  "03-vm-config": 380,
  "05-disks-clone-snapshot": 316,
  "07-storage-backupjobs": 101,
  "08-access-permissions": 258,
  "09-ha-firewall-pools-misc": 9,
  "10-guest-os-agent-rawdisk": 171,
  "qemu-transcripts": 100,
  "request-validation": 56,
};
