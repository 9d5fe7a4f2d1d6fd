/**
 * Every kind of resource inside a VM, for looking at it without the engine: what the engine calls it, what it is called, how
 * it is read, and what `check` makes of what the house says. Sends nothing but looks.
 */
import type { GuestKind } from "../components/guestParts";
import type { ComposeStackInputs } from "../providers/compose/args";
import { checkComposeStack } from "../providers/compose/check";
import { liveStack, lookAtStack } from "../providers/compose/look";
import type { GuestRef, OnGuest } from "../providers/guest/guest";
import type { Kind } from "../providers/guest/kind";
import { aptSourceKind } from "../providers/guest/kinds/aptSource";
import { directoryKind } from "../providers/guest/kinds/directory";
import { dockerEngineKind } from "../providers/guest/kinds/dockerEngine";
import { fileKind } from "../providers/guest/kinds/file";
import { loginsKind } from "../providers/guest/kinds/logins";
import { networkGuardKind } from "../providers/guest/kinds/networkGuard";
import { nfsMountKind } from "../providers/guest/kinds/nfsMount";
import { packagesKind } from "../providers/guest/kinds/packages";
import { sshServerKind } from "../providers/guest/kinds/sshServer";
import { systemdUnitKind } from "../providers/guest/kinds/systemdUnit";
import { upgradesKind } from "../providers/guest/kinds/upgrades";
import { userKind } from "../providers/guest/kinds/user";
import { checkGuest, liveOn } from "../providers/guest/lifecycle";
import { guestLifecycleOf, type GuestSpec, type GuestState } from "../providers/guest/reach";
import type { Session } from "../providers/guest/step";
import type { CheckFailure } from "../providers/lifecycle";

export type Properties = Readonly<Record<string, unknown>>;

export type InsideKind = GuestKind;

interface Inside {
  /** The engine's type. */
  readonly type: string;
  /** `user inspector`; of the guest itself nothing. */
  readonly title: (inputs: Properties) => string;
  /** In the words of the inputs; `undefined` where it isn't there. */
  readonly live: (session: Session, inputs: Properties) => Promise<Properties | undefined>;
  /** As `check` would pass it on. */
  readonly check: (olds: Properties, news: Properties) => { inputs: object; failures: CheckFailure[] };
  /** Properties that nobody is shown. */
  readonly hidden: readonly string[];
  /** Told already by another property, or no matter of the guest's. */
  readonly left: readonly string[];
}

function ofKind<Inputs extends OnGuest, Seen>(type: string, kind: Kind<Inputs, Seen>): Inside {
  // What is recorded was checked when it was.
  const typed = (inputs: Properties) => inputs as unknown as Inputs;
  return {
    type: `pulumi-nodejs:dynamic/guest:${type}`,
    title: (inputs) => (kind.identity.length === 0 ? kind.noun : `${kind.noun} ${kind.name(typed(inputs))}`),
    live: async (session, inputs) => (await liveOn(kind, session, typed(inputs))) as unknown as Properties | undefined,
    check: (olds, news) => checkGuest(kind, olds, news),
    hidden: kind.hidden ?? [],
    left: ["host", "deletable"],
  };
}

const guestItself: Inside = {
  type: "pulumi-nodejs:dynamic/guest:Guest",
  title: () => "",
  live: async (session, inputs) => {
    const state = inputs as unknown as GuestState;
    return (await guestLifecycleOf(() => session).read(state.name, state)).inputs as unknown as Properties;
  },
  check: (_olds, news) => ({ inputs: news, failures: [] }),
  hidden: [],
  left: ["waitSeconds"],
};

const composeStack: Inside = {
  type: "pulumi-nodejs:dynamic/compose:ComposeStack",
  title: ({ project }) => `stack ${String(project)}`,
  live: async (session, inputs) => {
    const stack = inputs as unknown as ComposeStackInputs;
    return liveStack(await lookAtStack(session.host, stack), stack) as unknown as Properties | undefined;
  },
  check: checkComposeStack,
  hidden: ["env"],
  left: ["host", "deletable", "deleteVolumes", "rendered", "secrets", "waitSeconds"],
};

export const INSIDE_KINDS: Readonly<Record<InsideKind, Inside>> = {
  Guest: guestItself,
  AptSource: ofKind("AptSource", aptSourceKind),
  Packages: ofKind("Packages", packagesKind),
  User: ofKind("User", userKind),
  Logins: ofKind("Logins", loginsKind),
  SshServer: ofKind("SshServer", sshServerKind),
  UnattendedUpgrades: ofKind("UnattendedUpgrades", upgradesKind),
  DockerEngine: ofKind("DockerEngine", dockerEngineKind),
  NfsMount: ofKind("NfsMount", nfsMountKind),
  NetworkGuard: ofKind("NetworkGuard", networkGuardKind),
  Directory: ofKind("Directory", directoryKind),
  File: ofKind("File", fileKind),
  SystemdUnit: ofKind("SystemdUnit", systemdUnitKind),
  ComposeStack: composeStack,
};

/** `guest emby: user inspector` */
export function insideTitle(kind: InsideKind, guest: string, inputs: Properties): string {
  const own = INSIDE_KINDS[kind].title(inputs);
  return own === "" ? `guest ${guest}` : `guest ${guest}: ${own}`;
}

/** What of the inputs is compared. */
export const compared = (kind: InsideKind, inputs: object): Properties =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => !INSIDE_KINDS[kind].left.includes(name)));

/** Where the guest of a part is, by what the house says. */
export const refOf = ({ name, address, port, user, hostKey }: GuestSpec): GuestRef => ({
  ...{ name, address, user },
  ...(port === undefined ? {} : { port }),
  ...(hostKey === undefined ? {} : { hostKey }),
});
