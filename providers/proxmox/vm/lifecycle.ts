/**
 * The life of a VM: what Pulumi's dynamic-provider process calls, by way of the constant text in the state. Endpoint
 * and credentials are those of today's environment, whatever the last `up` recorded.
 */
import type { Lifecycle } from "../../lifecycle";
import { spoken } from "../../spoken";
import type { ProxmoxClient } from "../client";
import { adoptVm } from "../adopt/adoptVm";
import { adoptionFrom, type Adoption } from "../../adoption";
import { clientFor } from "../clientFor";
import { connectionFrom } from "../connection";
import { nodeShellFor, type NodeShell } from "../nodeShell";
import { editNotes } from "../edits";
import { withAddresses } from "./addresses";
import { impossibleReturns } from "./changes";
import { checkVm } from "./check";
import { converge } from "./converge";
import { createVm } from "./create";
import { destroyVm } from "./destroy";
import { goneState, goneText } from "./gone";
import type { VmInputs, VmState } from "./inputs";
import { vmListing } from "./listing";
import { observeListedVm } from "./observe";
import { assertOurs } from "./ownership";
import { seenState } from "./state";

export interface VmWorld {
  readonly client: () => ProxmoxClient;
  /** Whether we log in as root@pam by password; `undefined` where the connection is not configured. */
  readonly rootLogin: () => boolean | undefined;
  /** The node's own shell, where it takes one to do what only root may. @default none */
  readonly node?: () => NodeShell | undefined;
  readonly tell: (text: string) => void;
  /** Whether this run takes over what is there, and makes nothing. @default never */
  readonly adoption?: () => Adoption | undefined;
}

const subject = ({ vmid, name }: Partial<VmInputs>): string =>
  `VM ${vmid ?? "?"}${name === undefined ? "" : ` (${name})`}`;

/** Whether there is a way to do what only root may; `undefined` where the connection is not configured. */
function mayRoot({ node, rootLogin }: VmWorld): boolean | undefined {
  try {
    return node?.() !== undefined || rootLogin();
  } catch {
    return undefined;
  }
}

/** @param world what the lifecycle reaches; the process's own outside tests. */
export function vmLifecycle(world: VmWorld): Lifecycle<VmInputs, VmState> {
  const tell = (inputs: VmInputs) => (text: string) => {
    world.tell(`${subject(inputs)}: ${text}`);
  };
  return spoken(subject, {
    check(olds, news) {
      const checked = checkVm(olds, news, () => mayRoot(world));
      const { unnamed } = (olds ?? {}) as Partial<VmInputs>;
      // Said in the preview already, where the engine shows a way back that there is not.
      if (checked.failures.length === 0)
        [...impossibleReturns(olds ?? {}, checked.inputs), ...editNotes(unnamed)].forEach(tell(checked.inputs));
      return Promise.resolve(checked);
    },

    // Nothing of a VM is ever replaced. Should somebody force it, the old one's refusal has to come before the new one.
    diff: () => Promise.resolve({ deleteBeforeReplace: true }),

    async create(inputs) {
      const adoption = world.adoption?.();
      const client = world.client();
      const outs = await (adoption === undefined
        ? createVm({ client, inputs, node: world.node?.(), tell: tell(inputs) })
        : adoptVm({ client, inputs, adoption }));
      const started = adoption === undefined;
      return { id: String(outs.vmid), outs: await withAddresses(outs, { client, started, tell: tell(inputs) }) };
    },

    async read(id, state) {
      const client = world.client();
      const observed = await observeListedVm(client, state.node, Number(id), state.power);
      if (observed === undefined) return { id, ...goneState(state) };
      assertOurs(observed, state);
      const { inputs, props } = seenState(observed, state);
      const asking = { client, before: state.addresses, started: false, tell: tell(state) };
      return { id, inputs, props: await withAddresses(props, asking) };
    },

    async update(_id, olds, news) {
      const client = world.client();
      const node = world.node?.();
      const goal = { client, node, vmid: news.vmid, wanted: news, recorded: olds, made: false, tell: tell(news) };
      const asking = { client, before: olds.addresses, started: olds.status !== "running", tell: goal.tell };
      const addressed = async (making: Promise<VmState>): Promise<{ outs: VmState }> => ({
        outs: await withAddresses(await making, asking),
      });
      if (olds.gone !== true && news.recreate !== true) return addressed(converge(goal));
      vmListing.forget(client);
      const observed = await observeListedVm(client, olds.node, news.vmid, news.power);
      if (observed !== undefined) {
        assertOurs(observed, { ...news, adopted: olds.adopted });
        return addressed(converge(goal));
      }
      if (news.recreate !== true) throw new Error(goneText(news));
      return addressed(createVm({ client, inputs: news, node, tell: tell(news), macs: olds.macs }));
    },

    delete: (_id, state) => destroyVm(world.client(), state, tell(state)),
  });
}

function rootLogin(): boolean | undefined {
  try {
    return connectionFrom(process.env).rootTicket;
  } catch {
    // What is missing is said by the first call that needs the connection; here it only can't be judged.
    return undefined;
  }
}

export const lifecycle = vmLifecycle({
  client: () => clientFor(process.env),
  rootLogin,
  node: () => (rootLogin() === true ? undefined : nodeShellFor(process.env)),
  tell: (text) => {
    console.warn(text);
  },
  adoption: () => adoptionFrom(process.env),
});
