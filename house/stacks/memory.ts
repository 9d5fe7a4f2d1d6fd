/**
 * What a VM's containers may take of its memory by their own limits, against what it has: a `mem_limit`, and a tmpfs, which
 * is memory too. Pure.
 */
import type { Problem } from "../../values/problem";
import { formatSize, parseSize } from "../../values/size";
import type { Draft, DraftVm } from "../schema";
import { given } from "./environment";
import { interpolate } from "./interpolation";
import type { Placed } from "./placed";
import type { Stack, StackService } from "./stack";

interface Share {
  /** Who may take it, in words. */
  readonly by: string;
  /** As it is written, with its variables filled in. */
  readonly text: string;
  /** `undefined` where the text is no size. */
  readonly bytes: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** @param text `3g`, `1.5GiB`, `512m`: as Docker and tmpfs write it, and binary. None, and a share of all memory, add nothing. */
function bytesOf(text: string): number | undefined {
  if (text === "" || /^\d+%$/.test(text)) return 0;
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?([kmg]?)i?b?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** What a tmpfs holds counts as its container's memory: beside a limit it is nothing more. */
function sizesOf({ memory, mounts }: StackService): string[] {
  if (memory !== undefined) return [memory];
  return mounts.flatMap((mount) => (mount.kind === "tmpfs" && mount.size !== undefined ? [mount.size] : []));
}

function sharesOf({ settings }: Pick<Draft, "settings">, vm: string, stack: Stack): Share[] {
  const values = Object.fromEntries(
    stack.variables.map(({ name, example }) => [name, given(settings, { vm, stack }, name) ?? example]),
  );
  return Object.entries(stack.services).flatMap(([name, service]) =>
    sizesOf(service).map((size) => {
      const text = interpolate(size, values);
      return { by: `${name} of ${stack.name}`, text, bytes: bytesOf(text) };
    }),
  );
}

const sum = (shares: readonly Share[]): number => shares.reduce((total, { bytes = 0 }) => total + bytes, 0);

const told = (shares: readonly Share[]): string =>
  `its containers may take ${formatSize(sum(shares))} (${shares.map(({ by, text }) => `${by} ${text}`).join(", ")})`;

/** Only what is no size at all: containers that may take more than there is run all the same, as long as they don't. */
export function limitProblems(house: Draft, placed: Placed): Problem[] {
  return Object.entries(placed).flatMap(([vm, stacks]) =>
    stacks
      .flatMap((stack) => sharesOf(house, vm, stack))
      .filter(({ bytes }) => bytes === undefined)
      .map(({ by, text }) => ({
        path: `vms.${vm}.services`,
        value: text,
        rule: `is no size of memory: ${by} is limited by it`,
        fix: "write it as 512m or 2g",
      })),
  );
}

/** What a VM keeps: ballooning may take away the rest. 0 turns it off. */
function kept({ memory, balloon }: Pick<DraftVm, "memory" | "balloon">): { word: string; text: string } | undefined {
  if (balloon !== undefined && parseSize(balloon) !== 0) return { word: "balloon", text: balloon };
  return memory === undefined ? undefined : { word: "memory", text: memory };
}

export function limitWarnings(house: Draft, placed: Placed): string[] {
  return Object.entries(placed).flatMap(([vm, stacks]) => {
    const shares = stacks.flatMap((stack) => sharesOf(house, vm, stack));
    const has = kept(house.vms?.[vm] ?? {});
    if (!has || sum(shares) <= (parseSize(has.text) ?? 0)) return [];
    return [`vms.${vm}.${has.word}: it keeps ${has.text}, and ${told(shares)}: give it more, or lower their limits`];
  });
}
