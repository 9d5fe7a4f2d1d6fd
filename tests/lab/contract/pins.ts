/**
 * How many of what was recorded the lab agrees with. A pin is raised when the lab got better, never lowered. Pure data.
 */
export const pins: Readonly<Record<string, number>> = {
  "01-basic": 0,
  "02-vm-create": 0,
  "03-vm-config": 0,
  "05-disks-clone-snapshot": 0,
  "07-storage-backupjobs": 0,
  "08-access-permissions": 0,
  "09-ha-firewall-pools-misc": 0,
  "10-guest-os-agent-rawdisk": 0,
  "qemu-transcripts": 0,
  "request-validation": 0,
};
