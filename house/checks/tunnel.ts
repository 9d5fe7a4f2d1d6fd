/** What the tunnel's section says of services, and of what exists already, fits the rest of the house. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";
import type { Placed } from "../stacks/placed";
import { wantedNames } from "../tunnel";

/** The tunnel's client: a service that runs beside those that it exposes. */
const CLIENT = "newt";

/** A web interface of the house, and the VM that it is on. */
interface Home {
  readonly vm: string;
  readonly web: string;
  readonly never: boolean;
}

/** @param placed the stacks of each VM; without them a service is its own web interface. */
function homes({ vms = {} }: Draft, placed?: Placed): Home[] {
  return Object.entries(vms).flatMap(([vm, { services }]) =>
    placed
      ? (placed[vm] ?? []).flatMap(({ web }) =>
          Object.entries(web).map(([name, { exposed }]) => ({ vm, web: name, never: exposed === "never" })),
        )
      : services.map(({ stack }) => ({ vm, web: stack, never: false })),
  );
}

function exposedProblems(house: Draft, placed?: Placed): Problem[] {
  const { tunnel, vms = {} } = house;
  const all = homes(house, placed);
  return Object.entries(tunnel?.exposed ?? {}).flatMap(([name, service]) => {
    const path = `tunnel.exposed.${name}`;
    const [home, ...others] = all.filter(({ web }) => web === service);
    if (name === tunnel?.endpoint)
      return [{ path, value: service, rule: "is the name of the tunnel itself", fix: "give the service another name" }];
    if (!home)
      return [
        { path, value: service, rule: "is no service of any VM", fix: "correct it, or add it to a VM's services" },
      ];
    if (home.never)
      return [
        { path, value: service, rule: "must not be reached from outside", fix: "its stack says why; take it out" },
      ];
    if (placed && others.length > 0) {
      const rule = `is on several VMs: ${[home, ...others].map(({ vm }) => vm).join(", ")}`;
      return [{ path, value: service, rule, fix: "expose one that is on one VM" }];
    }
    const reached = [home, ...others].some(({ vm }) => vms[vm]?.services.some(({ stack }) => stack === CLIENT));
    if (reached) return [];
    const fix = `add ${CLIENT} to vms.${home.vm}.services, or don't expose it`;
    return [{ path, value: service, rule: `can't be reached: its VM has no ${CLIENT}, the tunnel's client`, fix }];
  });
}

function importProblems(house: Draft): Problem[] {
  const { tunnel } = house;
  const { names = {}, droplet } = tunnel?.import ?? {};
  const wanted = new Set(wantedNames(house).map(({ label }) => label));
  const rebuilt =
    tunnel?.droplet?.rebuild === true && droplet !== undefined
      ? [
          {
            path: "tunnel.import.droplet",
            value: droplet,
            rule: "is the droplet before the rebuild: taking it over would undo it",
            fix: "take it out before rebuilding; the state knows it by now",
          },
        ]
      : [];
  return [
    ...rebuilt,
    ...(house.domain === undefined ? [] : Object.keys(names))
      .filter((label) => !wanted.has(label))
      .map((label) => ({
        path: `tunnel.import.names.${label}`,
        rule: "is no name that the house wants",
        fix: "add it to tunnel.exposed, or take it out",
      })),
  ];
}

export const tunnelProblems = (house: Draft, placed?: Placed): Problem[] => [
  ...exposedProblems(house, placed),
  ...importProblems(house),
];
