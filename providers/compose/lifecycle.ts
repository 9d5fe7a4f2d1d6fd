/**
 * The life of a Compose stack on a guest: look, bring a release up where something differs, look again. Containers that
 * are right already are not touched. Reads the stack's files from this checkout when it deploys them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { adoptionFrom } from "../adoption";
import { sameCanonical } from "../canonical";
import { differences } from "../differences";
import type { Surroundings } from "../guest/lifecycle";
import { sessionFor } from "../guest/session";
import type { Lifecycle } from "../lifecycle";
import { orHalfDone, spoken } from "../spoken";
import { isUnknown } from "../unknown";
import type { Host } from "../ssh/host";
import { Turns } from "../ssh/turns";
import type { ComposeStackInputs, ComposeStackState } from "./args";
import { checkComposeStack } from "./check";
import { deploy, takeDown } from "./deploy";
import { digestOf, isExecutable } from "./digest";
import { othersIn } from "./dotenv";
import { liveStack, lookAnew, lookAtStack } from "./look";
import { COMPOSE_VARIABLES, envFile } from "./release";
import { withoutSecrets } from "./secrecy";
import type { Contents } from "./upload";

/** @throws Error where a file is not what the preview was made of */
function contentsOf(root: string, { source, files, rendered = {} }: ComposeStackInputs): Contents {
  return Object.fromEntries(
    Object.entries(files).map(([path, digest]) => {
      const content = rendered[path] ?? readFileSync(join(root, source, path));
      if (digestOf(content, isExecutable(digest)) === digest) return [path, content];
      throw new Error(`${source}/${path} was changed since this run began - run up again`);
    }),
  );
}

const shown = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value));

/** Variables and contents are told by name only. */
function told(live: ComposeStackInputs | undefined, wanted: ComposeStackInputs): string {
  if (live === undefined) return "nothing of it is there";
  return differences(live, wanted)
    .map(({ property, live: has, wanted: wants }) =>
      /^(env|files)\./.test(property) ? property : `${property}: is ${shown(has)}, wanted ${shown(wants)}`,
    )
    .join("; ");
}

/**
 * Each has one of the connection's channels for as long as it takes, pulling and all: two are left to others, so that who goes
 * back to the former release doesn't wait for somebody's pull.
 */
const AT_ONCE = 4;
const deployments = new WeakMap<Host, Turns>();

function turnsOn(host: Host): Turns {
  const turns = deployments.get(host) ?? new Turns(AT_ONCE);
  deployments.set(host, turns);
  return turns;
}

/** Variables that the house named before. */
const namedBefore = ({ env, unsettled = [] }: ComposeStackState): string[] => [...Object.keys(env), ...unsettled];

async function converge(host: Host, root: string, wanted: ComposeStackInputs, olds?: ComposeStackState): Promise<void> {
  const seen = await lookAnew(host, wanted);
  const before = olds ? namedBefore(olds) : [];
  // One that the house dropped is nothing that it names, and goes all the same.
  const dropped = before.some((name) => !(name in wanted.env) && name in (seen.env ?? {}));
  if (!dropped && sameCanonical(liveStack(seen, wanted), wanted)) return;
  const named = new Set([...Object.keys(wanted.env), ...before, ...COMPOSE_VARIABLES]);
  const dotenv = envFile(wanted, wanted.env, othersIn(seen.dotenv ?? "", named));
  const contents = contentsOf(root, wanted);
  await withoutSecrets([wanted, ...(olds ? [olds] : [])], seen.env ?? {}, () =>
    turnsOn(host).take(() => deploy(host, wanted, { seen, dotenv, contents })),
  );
  const live = liveStack(await lookAnew(host, wanted), wanted);
  if (!sameCanonical(live, wanted))
    throw new Error(`${host.name}: it was deployed, and still is not as wanted: ${told(live, wanted)}`);
}

/** What is recorded of one whose update failed. It may go all the same, if the house says so. */
function halfDone(olds: ComposeStackState, news: ComposeStackInputs): ComposeStackState {
  const unsettled = [...new Set([...namedBefore(olds), ...Object.keys(news.env)])].sort();
  return { ...olds, env: {}, unsettled, deletable: news.deletable, deleteVolumes: news.deleteVolumes };
}

/** @param root folder of the checkout. */
export function composeStackLifecycle(
  { session, adoption }: Surroundings,
  root: () => string,
): Lifecycle<ComposeStackInputs, ComposeStackState> {
  const subject = ({ project, host }: Partial<ComposeStackInputs>): string =>
    `stack ${project ?? "?"} on ${(isUnknown(host) ? undefined : host?.name) ?? "a guest"}`;
  return spoken(subject, {
    check: (olds, news) => Promise.resolve(checkComposeStack(olds, news)),

    diff: (_id, olds, news) => {
      const moved = !isUnknown(news.host) && olds.host.name !== news.host.name;
      const replaces = [...(olds.project === news.project ? [] : ["project"]), ...(moved ? ["host"] : [])];
      return Promise.resolve({ replaces, deleteBeforeReplace: true });
    },

    async create(inputs) {
      const { host } = session(inputs.host);
      const id = `${inputs.host.name}:${inputs.project}`;
      const adopting = adoption();
      if (adopting === undefined) {
        await converge(host, root(), inputs);
        return { id, outs: inputs };
      }
      const live = liveStack(await lookAtStack(host, inputs), inputs);
      if (live === undefined) throw new Error("it is not there, and adopting makes none - a plain up does");
      if (adopting === "matching" && !sameCanonical(live, inputs))
        throw new Error(`it differs from the house, so it was not taken over - ${told(live, inputs)}`);
      return { id, outs: live };
    },

    async read(id, state) {
      const inputs = liveStack(await lookAtStack(session(state.host).host, state), state);
      return inputs === undefined ? {} : { id, inputs, props: inputs };
    },

    async update(id, olds, news) {
      await orHalfDone(
        id,
        () => halfDone(olds, news),
        () => converge(session(news.host).host, root(), news, olds),
      );
      return { outs: news };
    },

    async delete(_id, state) {
      if (state.deletable !== true)
        throw new Error("not removed: it is not deletable - set deletable: true and run up, then remove it");
      await withoutSecrets([state], {}, () => takeDown(session(state.host).host, state));
    },
  });
}

// The provider's process runs in the project's folder.
export const lifecycle = composeStackLifecycle(
  { session: (guest) => sessionFor(process.env, guest), adoption: () => adoptionFrom(process.env) },
  () => process.cwd(),
);
