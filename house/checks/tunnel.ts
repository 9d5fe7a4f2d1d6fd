/** What the tunnel's section says of services, and of what exists already, fits the rest of the house. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";
import { wantedNames } from "../tunnel";

/** The tunnel's client: a service that runs beside those that it exposes. */
const CLIENT = "newt";

function exposedProblems({ tunnel, vms = {} }: Draft): Problem[] {
  return Object.entries(tunnel?.exposed ?? {}).flatMap(([name, service]) => {
    const path = `tunnel.exposed.${name}`;
    const homes = Object.entries(vms).filter(([, vm]) => vm.services.includes(service));
    if (name === tunnel?.endpoint)
      return [{ path, value: service, rule: "is the name of the tunnel itself", fix: "give the service another name" }];
    if (homes.length === 0)
      return [
        { path, value: service, rule: "is no service of any VM", fix: "correct it, or add it to a VM's services" },
      ];
    if (homes.some(([, vm]) => vm.services.includes(CLIENT))) return [];
    const [home = ""] = homes[0] ?? [];
    const fix = `add ${CLIENT} to vms.${home}.services, or don't expose it`;
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

export const tunnelProblems = (house: Draft): Problem[] => [...exposedProblems(house), ...importProblems(house)];
