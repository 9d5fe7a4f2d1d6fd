/** From what a stack takes on its VM to what its resources are asked. Pure. */
import { knownGuests, type KnownGuest } from "../house/guests";
import type { House } from "../house/schema";
import type { PlannedStack } from "../house/stacks/planned";
import type { Removal } from "../house/stacks/removal";
import type { ComposeStackSpec } from "../providers/compose/args";
import { sha256 } from "../providers/compose/digest";
import { rejoinPath, rejoinScript, rejoinUnit, rejoinUnitName } from "../providers/compose/rejoin";
import { RETURN_SCRIPT, RETURN_UNIT, returnScript, returnUnit } from "../providers/compose/shareReturn";
import type { DirectorySpec } from "../providers/guest/kinds/directory";
import type { FileSpec } from "../providers/guest/kinds/file";
import type { NetworkGuardSpec } from "../providers/guest/kinds/networkGuard";
import type { SystemdUnitSpec } from "../providers/guest/kinds/systemdUnit";
import { mountArgs } from "./guestArgs";

const digests = (texts: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)]));

/** Everything but the host and the variables, some of which are secrets. */
export function stackArgs(
  { stack, deployment, removal }: PlannedStack,
  guest: KnownGuest,
): Omit<ComposeStackSpec, "host" | "env"> {
  const { project, compose, files, marks, generated, environment, services, mounts, vpn } = deployment;
  return {
    project,
    source: `stacks/${project}`,
    compose: [compose],
    files: { ...digests(files), ...marks, ...digests(generated) },
    ...(Object.keys(generated).length > 0 && { rendered: generated }),
    secrets: Object.keys(environment).filter((name) => environment[name]?.secret),
    services,
    ...(vpn && { vpn: { service: vpn.service, bridge: vpn.bridge } }),
    // Where the house mounts nothing, it can't know what the library is.
    ...(guest.mount && mounts.length > 0 && { mounts }),
    ...(stack.wait !== undefined && { waitSeconds: stack.wait }),
    ...removal,
  };
}

/** Folders that have to belong to a container's own user before it starts. */
export const folderArgs = ({ deployment }: PlannedStack): Omit<DirectorySpec, "host">[] =>
  Object.entries(deployment.folders).map(([path, ids]) => {
    const [owner, group] = ids.split(":");
    return { path, owner, group };
  });

/** Of what is of no use without its stack: it goes with it. */
const withStack = ({ deletable }: Removal): Removal => (deletable === true ? { deletable } : {});

/** What holds the network of a stack with a VPN; `undefined` for every other one. */
export function guardArgs({ deployment, removal }: PlannedStack): Omit<NetworkGuardSpec, "host"> | undefined {
  const { project, vpn } = deployment;
  if (vpn === undefined) return undefined;
  const { bridge, endpointPort, neighbours } = vpn;
  return { name: project, bridge, endpointPort, neighbours: [...neighbours], ...withStack(removal) };
}

/** Programs of the guest that the guard and the leak check take; a Debian from the cloud need not have them. */
export const GUARD_PACKAGES = ["iproute2", "iputils-ping", "nftables"];

/** A script of root's, and the unit of systemd's that runs it. */
export interface ScriptedUnit {
  readonly script: Omit<FileSpec, "host">;
  readonly unit: Omit<SystemdUnitSpec, "host">;
}

/**
 * What brings the containers of a guest's stacks back with the NAS, by short name of the VM: of those with the share, and
 * stacks that need it.
 */
export function returnArgs(house: House, stacks: readonly PlannedStack[]): Record<string, ScriptedUnit> {
  const unit = { name: RETURN_UNIT, content: returnUnit() };
  return Object.fromEntries(
    Object.entries(knownGuests(house)).flatMap(([name, guest]) => {
      const share = mountArgs(house, guest)?.target;
      const needing = stacks.filter(({ vm, deployment }) => vm === name && deployment.mounts.length > 0);
      if (share === undefined || needing.length === 0) return [];
      const projects = needing.map(({ deployment }) => deployment.project).sort();
      const script = { path: RETURN_SCRIPT, content: returnScript({ share, projects }), mode: "0755" };
      return [[name, { script, unit }] as const];
    }),
  );
}

/** What gives a VPN's clients their network back; `undefined` for a stack without a VPN. */
export function rejoinArgs({ deployment: { project, vpn }, removal }: PlannedStack): ScriptedUnit | undefined {
  if (vpn === undefined) return undefined;
  const content = rejoinScript({ project, service: vpn.service, bridge: vpn.bridge });
  return {
    script: { path: rejoinPath(project), content, mode: "0755", ...withStack(removal) },
    unit: { name: rejoinUnitName(project), content: rejoinUnit(project, content), ...withStack(removal) },
  };
}
