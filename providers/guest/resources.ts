/** The resources of a guest, in the program: thin, what each does stands in kinds/. */
import * as pulumi from "@pulumi/pulumi";
import { ForwardedResource } from "../resource";
import type { Wired } from "../wired";
import type { GuestRef } from "./guest";
import type { AptSourceSpec } from "./kinds/aptSource";
import type { DirectorySpec } from "./kinds/directory";
import type { DockerEngineSpec } from "./kinds/dockerEngine";
import type { FileSpec } from "./kinds/file";
import type { LoginsSpec } from "./kinds/logins";
import type { NetworkGuardSpec } from "./kinds/networkGuard";
import type { NfsMountSpec } from "./kinds/nfsMount";
import type { PackagesSpec } from "./kinds/packages";
import type { SshServerSpec } from "./kinds/sshServer";
import type { SystemdUnitSpec } from "./kinds/systemdUnit";
import type { UnattendedUpgradesSpec } from "./kinds/upgrades";
import type { UserSpec } from "./kinds/user";
import type { GuestSpec } from "./reach";

type Options = pulumi.CustomResourceOptions;

/** Removed from the program it is forgotten, not removed, unless `deletable` was in place in an earlier run. */
const kept = (args: { readonly deletable?: boolean }, opts?: Options): Options => ({
  ...opts,
  retainOnDelete: args.deletable !== true,
});

/** The guest as it answers over SSH: waits until it does. */
export class Guest extends ForwardedResource {
  /** What the other resources take as their `host`: with the host key that it was seen to have. */
  declare readonly connection: pulumi.Output<GuestRef>;
  /** `Debian GNU/Linux 12 (bookworm)` */
  declare readonly system: pulumi.Output<string>;

  constructor(name: string, args: { readonly [K in keyof GuestSpec]: pulumi.Input<GuestSpec[K]> }, opts?: Options) {
    super("guest:Guest", "providers/guest/reach", name, args, ["connection", "system"], opts);
  }
}

export class File extends ForwardedResource {
  constructor(name: string, args: Wired<FileSpec>, opts?: Options) {
    super("guest:File", "providers/guest/kinds/file", name, args, [], kept(args, opts));
  }
}

export class Directory extends ForwardedResource {
  constructor(name: string, args: Wired<DirectorySpec>, opts?: Options) {
    super("guest:Directory", "providers/guest/kinds/directory", name, args, [], kept(args, opts));
  }
}

export class User extends ForwardedResource {
  constructor(name: string, args: Wired<UserSpec>, opts?: Options) {
    super("guest:User", "providers/guest/kinds/user", name, args, [], kept(args, opts));
  }
}

export class Logins extends ForwardedResource {
  constructor(name: string, args: Wired<LoginsSpec>, opts?: Options) {
    super("guest:Logins", "providers/guest/kinds/logins", name, args, [], kept(args, opts));
  }
}

export class Packages extends ForwardedResource {
  constructor(name: string, args: Wired<PackagesSpec>, opts?: Options) {
    super("guest:Packages", "providers/guest/kinds/packages", name, args, [], kept(args, opts));
  }
}

export class AptSource extends ForwardedResource {
  constructor(name: string, args: Wired<AptSourceSpec>, opts?: Options) {
    super("guest:AptSource", "providers/guest/kinds/aptSource", name, args, [], kept(args, opts));
  }
}

export class SshServer extends ForwardedResource {
  constructor(name: string, args: Wired<SshServerSpec>, opts?: Options) {
    super("guest:SshServer", "providers/guest/kinds/sshServer", name, args, [], kept(args, opts));
  }
}

export class UnattendedUpgrades extends ForwardedResource {
  constructor(name: string, args: Wired<UnattendedUpgradesSpec>, opts?: Options) {
    super("guest:UnattendedUpgrades", "providers/guest/kinds/upgrades", name, args, [], kept(args, opts));
  }
}

export class DockerEngine extends ForwardedResource {
  constructor(name: string, args: Wired<DockerEngineSpec>, opts?: Options) {
    super("guest:DockerEngine", "providers/guest/kinds/dockerEngine", name, args, [], kept(args, opts));
  }
}

export class NfsMount extends ForwardedResource {
  constructor(name: string, args: Wired<NfsMountSpec>, opts?: Options) {
    super("guest:NfsMount", "providers/guest/kinds/nfsMount", name, args, [], kept(args, opts));
  }
}

export class SystemdUnit extends ForwardedResource {
  constructor(name: string, args: Wired<SystemdUnitSpec>, opts?: Options) {
    super("guest:SystemdUnit", "providers/guest/kinds/systemdUnit", name, args, [], kept(args, opts));
  }
}

export class NetworkGuard extends ForwardedResource {
  constructor(name: string, args: Wired<NetworkGuardSpec>, opts?: Options) {
    super("guest:NetworkGuard", "providers/guest/kinds/networkGuard", name, args, [], kept(args, opts));
  }
}
