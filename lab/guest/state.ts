/** What a simulated guest has, beside its files: plain data, that outlives a run. Types, and a freshly installed Debian. */

export interface LabAccount {
  uid: number;
  gid: number;
  home: string;
  shell: string;
  /** Whether it expired: nobody is let in. */
  expired?: boolean;
}

export interface LabContainerMount {
  Type: "bind" | "volume";
  Name?: string;
  Source: string;
  Destination: string;
  RW: boolean;
}

export interface LabContainer {
  id: string;
  /** When it was made, in Unix milliseconds; one of a lab of before has none. */
  created?: number;
  project: string;
  service: string;
  image: string;
  /** What the image's name meant when it was made. */
  imageId: string;
  /** `running`, `exited`, `created`, `paused`. */
  status: string;
  exitCode: number;
  /** Left out: it has no health check. */
  health?: string;
  labels: Record<string, string>;
  networkMode: string;
  /** Its names in each network that it is in; `null` where a network has none. @default not known */
  networks?: Record<string, string[] | null>;
  /** As `docker inspect` has them. @default not known */
  mounts?: LabContainerMount[];
  /** Release of its stack that was current when it mounted something of the stack's folder. @default none */
  release?: string;
  /** What it has mounted of the NAS, as it was when it started. @default nothing */
  shares?: { at: string; device: string; source: string; options: string }[];
  /** Restart policy. @default no */
  restart?: string;
  pid: number;
  /** Of its network: the same number for containers that share one. */
  namespace: number;
  /** Why Docker couldn't start it, until it is started. @default it was started */
  error?: string;
  log: string;
}

export interface LabMount {
  target: string;
  /** `nfs4`, `autofs` */
  type: string;
  source: string;
  options: string;
}

export interface LabUnit {
  enabled: boolean;
  active: boolean;
  stale: boolean;
  /** Somebody put it out of reach. @default false */
  masked?: boolean;
}

/** How an image behaves that doesn't come up. */
export interface BadImage {
  readonly health: "unhealthy" | "exited" | "created";
  readonly log: string;
}

export interface GuestState {
  readonly hostname: string;
  readonly accounts: Record<string, LabAccount>;
  readonly groups: Record<string, { gid: number; members: string[] }>;
  packages: string[];
  /** Unpacked by a dpkg that was killed before it was through. @default none */
  half?: string[];
  /** Units that start at boot, and that run; whether systemd hasn't read their text yet. */
  readonly units: Record<string, LabUnit>;
  mounts: LabMount[];
  /** Whether the NAS answers. */
  nas: boolean;
  containers: LabContainer[];
  /** Docker's named volumes, and the project that each was made for: they outlive their containers. @default none */
  volumes?: Record<string, string>;
  images: string[];
  /** How often the name of an image was given to another one. */
  retagged?: Record<string, number>;
  /** What the guest gets from the world by https: texts by address. @default nothing answers */
  downloads?: Record<string, string>;
  /** Images that no registry has. */
  missingImages: string[];
  readonly badImages: Record<string, BadImage>;
  /** What gets around a stack's VPN, by image of a container that lets it. */
  leaks?: Record<string, string>;
  /** Tables of nftables as they are loaded, by name. */
  tables?: Record<string, string>;
  /** Which Compose came with Docker: 1 is none that Docker knows, as in Debian 12. @default 2 */
  compose?: 1 | 2;
  /** Settings of Docker's daemon as it read them last. */
  daemon: {
    liveRestore: boolean;
    logDriver: string;
    /** Whether it can try a file (`--validate`): Docker 23 and newer. Debian 12's 20.10 refuses the word. */
    validates: boolean;
    /** It takes what it is asked, and never answers. @default false */
    hangs?: boolean;
    /** So it does where Compose is told that: `pull`. @default nowhere */
    hangsAt?: string;
  };
  /** Counts pids, container ids and name spaces. */
  last: number;
}

/** Units that a Debian has from its first day. */
export const freshUnits = (): Record<string, LabUnit> =>
  Object.fromEntries(
    ["ssh.service", "apt-daily.timer", "apt-daily-upgrade.timer"].map((name) => [
      name,
      { enabled: true, active: true, stale: false },
    ]),
  );

/** @param user the one that its cloud-init made: may sudo without a password. */
export const freshGuest = (hostname: string, user: string): GuestState => ({
  hostname,
  accounts: {
    root: { uid: 0, gid: 0, home: "/root", shell: "/bin/bash" },
    [user]: { uid: 1000, gid: 1000, home: `/home/${user}`, shell: "/bin/bash" },
  },
  groups: {
    root: { gid: 0, members: [] },
    sudo: { gid: 27, members: [] },
    users: { gid: 100, members: [] },
    [user]: { gid: 1000, members: [] },
  },
  packages: ["base-files", "openssh-server", "sudo", "systemd"],
  units: freshUnits(),
  mounts: [],
  nas: true,
  containers: [],
  images: [],
  missingImages: [],
  badImages: {},
  daemon: { liveRestore: false, logDriver: "json-file", validates: false },
  last: 1000,
});
