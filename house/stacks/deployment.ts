/** What one stack takes to run on one VM: its files, its variables, its containers' images. Pure. */
import { createHash, scryptSync } from "node:crypto";
import type { Problem } from "../../values/problem";
import { dashboard } from "./dashboard";
import { dataPlaces, type DataPlaces } from "./data";
import { sealOf, type Seal } from "./seal";
import { environmentOf, type Environment, type StackValues } from "./environment";
import type { Extension } from "./extension";
import { interpolate } from "./interpolation";
import { libraryVariable } from "./library";
import type { Placed } from "./placed";
import { DEFAULT_MOUNT_POINT, type Place } from "./words";

export interface DeployedService {
  /** With its variables filled in. */
  readonly image: string;
  /** Hash of the stack's files that it mounts, and of variables that it finds in a file; another one makes it anew. */
  readonly content?: string;
  /** Paths of those files; left out where there are none. */
  readonly files?: readonly string[];
  /** Whether it is handed a variable as it is, which has a value; left out where it isn't. */
  readonly handsOn?: true;
  /** Where what it mounts lies; left out where it mounts nothing. */
  readonly data?: DataPlaces;
}

export interface Deployment {
  /** Compose's project name. */
  readonly project: string;
  /** Path of the Compose file among the files. */
  readonly compose: string;
  /** Text of what goes to the VM, by path, without what is generated. */
  readonly files: Readonly<Record<string, string>>;
  /** Of those whose text doesn't tell all: what does, by path. */
  readonly marks: Readonly<Record<string, string>>;
  /** Text of those that the house writes, by path. */
  readonly generated: Readonly<Record<string, string>>;
  readonly environment: Environment;
  readonly services: Readonly<Record<string, DeployedService>>;
  /** Mount points that have to be there first. */
  readonly mounts: readonly string[];
  /** Folders whose owner isn't seen to by their container: `uid:gid` by path. */
  readonly folders: Readonly<Record<string, string>>;
  /** What its VPN's network is held by. */
  readonly vpn?: Seal;
}

const GENERATORS: Readonly<Record<Extension["generated"][string], typeof dashboard>> = { dashboard };

/** What is told of a value that may be a secret: slow to be guessed back, and another one in each stack. */
const disguised = (value: string, salt: string): string => scryptSync(value, salt, 32).toString("hex");

/** The same for the same texts under the same names, and for no others; none for none. */
function contentHash(texts: Readonly<Record<string, string>>): { readonly content?: string } {
  const names = Object.keys(texts).sort();
  if (names.length === 0) return {};
  const hash = createHash("sha256");
  for (const name of names) hash.update(JSON.stringify([name, texts[name]]));
  return { content: hash.digest("hex") };
}

/** The NAS's share, where the library is mounted or anything else lies below it. */
function sharesOf({ house: { nas } }: Place, library: string | undefined, data: readonly DataPlaces[]): string[] {
  const share = nas?.mountPoint ?? DEFAULT_MOUNT_POINT;
  const onIt =
    nas !== undefined &&
    data.some((places) => Object.values(places).some((at) => at === share || at.startsWith(`${share}/`)));
  return [...new Set([...(library === undefined ? [] : [library]), ...(onIt ? [share] : [])])];
}

/**
 * @param placed the stacks of every VM: what is written from the house is about all of them.
 * @param secrets in clear; see environment.ts.
 */
export function deploymentOf(
  place: Place,
  placed: Placed,
  secrets: StackValues,
): { readonly deployment: Deployment } | { readonly problems: readonly Problem[] } {
  const { house, stack } = place;
  const { environment, problems } = environmentOf(place, secrets);
  if (problems.length > 0) return { problems };
  const values = Object.fromEntries(Object.entries(environment).map(([name, { value }]) => [name, value]));
  const filled = (text: string): string => interpolate(text, values);
  const seal = sealOf(stack, filled);
  if (seal && "problem" in seal) return { problems: [seal.problem] };
  const generated = Object.fromEntries(
    Object.entries(stack.generated).map(([path, how]) => [path, GENERATORS[how](house, placed)]),
  );
  const all = { ...stack.files, ...generated };
  const marks = Object.fromEntries(
    Object.entries(stack.marks).filter(([path]) => path in stack.files && !Object.hasOwn(generated, path)),
  );
  const services = Object.entries(stack.services).map(([name, one]): readonly [string, DeployedService] => {
    const { image, files, handedAsFiles, mounts, environment: given } = one;
    const mounted = files.map((path) => [path, marks[path] ?? all[path] ?? ""] as const);
    const handed = handedAsFiles.map((variable) => {
      const salt = `infinity-node ${stack.name} ${variable}`;
      return [`$${variable}`, disguised(values[variable] ?? "", salt)] as const;
    });
    const content = contentHash(Object.fromEntries([...mounted, ...handed]));
    const data = dataPlaces(mounts, filled);
    const places = Object.keys(data).length === 0 ? {} : { data };
    const handsOn = Object.entries(given).some(([key, value]) => value === null && values[key] !== undefined);
    const own = { ...content, ...(files.length > 0 && { files }), ...(handsOn && { handsOn }), ...places };
    return [name, { image: filled(image.reference), ...own }];
  });
  const library = libraryVariable(stack);
  const share = library && (values[library] ?? "");
  const data = services.flatMap(([, one]) => (one.data ? [one.data] : []));
  return {
    deployment: {
      project: stack.name,
      compose: stack.file,
      files: Object.fromEntries(Object.entries(stack.files).filter(([path]) => !Object.hasOwn(generated, path))),
      marks,
      generated,
      environment,
      services: Object.fromEntries(services),
      mounts: sharesOf(place, share, data),
      folders: Object.fromEntries(
        Object.entries(stack.folders).map(([path, owner]) => [filled(path), filled(owner)] as const),
      ),
      ...(seal && { vpn: seal.seal }),
    },
  };
}
