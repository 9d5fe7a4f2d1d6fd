/**
 * How many of what was recorded the lab agrees with. A pin is raised when the lab got better, never lowered. Pure data.
 */
export const pins: Readonly<Record<string, number>> = {
  "01-basic": 24,
  "02-vm-create": 200,
  "03-vm-config": 379,
  "05-disks-clone-snapshot": 190,
  "07-storage-backupjobs": 96,
  "08-access-permissions": 23,
  "09-ha-firewall-pools-misc": 9,
  "10-guest-os-agent-rawdisk": 129,
  "qemu-transcripts": 91,
  "request-validation": 41,
};
