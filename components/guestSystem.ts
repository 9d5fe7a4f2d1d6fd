/** What is inside one VM, up to where its services begin. Wiring only. */
import * as pulumi from "@pulumi/pulumi";
import type { KnownGuest } from "../house/guests";
import type { House } from "../house/schema";
import type { GuestRef } from "../providers/guest/guest";
import {
  AptSource,
  DockerEngine,
  Guest,
  Logins,
  NfsMount,
  Packages,
  SshServer,
  UnattendedUpgrades,
  User,
} from "../providers/guest/resources";
import type { Vm } from "../providers/proxmox/vm/resource";
import { dockerSourceArgs, guestArgs, loginsArgs, mountArgs, packagesArgs, usersArgs } from "./guestArgs";

export interface GuestSystemArgs {
  readonly house: House;
  readonly guest: KnownGuest;
  /** What it runs on. */
  readonly vm: Vm;
}

export class GuestSystem extends pulumi.ComponentResource {
  /** How its services reach it. */
  declare readonly connection: pulumi.Output<GuestRef>;
  /** What has to be there before its services. */
  declare readonly ready: readonly pulumi.Resource[];

  constructor(name: string, { house, guest, vm }: GuestSystemArgs, opts?: pulumi.ComponentResourceOptions) {
    super("infinity:house:GuestSystem", name, {}, opts);
    const reached = new Guest(name, guestArgs(name, guest), { parent: this, dependsOn: vm });
    const host = (this.connection = reached.connection);

    const own = dockerSourceArgs(guest);
    const source = own && new AptSource(`${name}-docker`, { host, ...own }, { parent: this });
    const set = packagesArgs(guest);
    const packages = set && new Packages(name, { host, ...set }, { parent: this, dependsOn: source });
    const installed = { parent: this, dependsOn: packages };
    // Groups come with packages: docker's with Docker.
    const users = Object.entries(usersArgs(guest)).map(
      ([login, args]) => new User(`${name}-${login}`, { host, ...args }, installed),
    );
    const logins = loginsArgs(house, name, guest);
    if (logins) new Logins(name, { host, ...logins }, { parent: this, dependsOn: users });
    // Keys are in place before anything else stops letting people in.
    if (guest.sshServer) new SshServer(name, { host, ...guest.sshServer }, { parent: this, dependsOn: users });
    if (guest.upgrades) new UnattendedUpgrades(name, { host, ...guest.upgrades }, installed);

    const { packages: _, key: _key, ...engine } = guest.docker ?? {};
    const docker = guest.docker && new DockerEngine(name, { host, ...engine }, installed);
    const share = mountArgs(house, guest);
    const mount = share && new NfsMount(`${name}-nas`, { host, ...share }, installed);
    this.ready = [docker, mount].filter((resource) => resource !== undefined);
    this.registerOutputs({});
  }
}
