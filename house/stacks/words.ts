/** What a stack may ask the house for, and the answers. Pure. */
import { tunnelName, vmAddress } from "../addresses";
import type { House } from "../schema";
import type { Stack } from "./stack";
import type { HouseWord } from "./variables";

/** Where the VMs mount the NAS's export, unless the house says otherwise. */
export const DEFAULT_MOUNT_POINT = "/mnt/nas";

/** One stack where it runs. */
export interface Place {
  readonly house: House;
  /** Short name of its VM. */
  readonly vm: string;
  readonly stack: Stack;
}

/** Names below the domain that lead to one of the stack's web interfaces. */
function namesOf({ house, stack }: Place, webs: readonly string[]): string[] {
  const { domain, tunnel } = house;
  if (domain === undefined) return [];
  return Object.entries(tunnel?.exposed ?? {})
    .filter(([, web]) => webs.includes(web) && stack.web[web] !== undefined)
    .map(([label]) => `${label}.${domain}`);
}

const addressOf = ({ house, vm }: Place): string | undefined => {
  const own = house.vms[vm];
  return own && vmAddress(house, own);
};

/** Where browsers find a web interface: by its name outside, or else on the LAN. */
export function webUrl(place: Place, web: string): string | undefined {
  const [name] = namesOf(place, [web]);
  if (name !== undefined) return `https://${name}`;
  return lanUrl(place, web);
}

/** Where a web interface is on the LAN: `http://192.168.86.174:7878`. */
export function lanUrl(place: Place, web: string): string | undefined {
  const found = place.stack.web[web];
  const address = addressOf(place);
  return found && address !== undefined ? `${found.scheme}://${address}:${found.port}` : undefined;
}

function hosts(place: Place): string | undefined {
  const { stack } = place;
  const address = addressOf(place);
  const onLan = address === undefined ? [] : Object.values(stack.web).map(({ port }) => `${address}:${port}`);
  const all = [...onLan, ...namesOf(place, Object.keys(stack.web))];
  return all.length === 0 ? undefined : all.join(",");
}

const ANSWERS: Readonly<Record<HouseWord, (place: Place) => string | undefined>> = {
  timezone: ({ house }) => house.timezone,
  uid: ({ house }) => house.nas?.owner?.uid.toString(),
  gid: ({ house }) => house.nas?.owner?.gid.toString(),
  library: ({ house }) => house.nas?.mountPoint ?? DEFAULT_MOUNT_POINT,
  subnet: ({ house }) => house.network?.cidr,
  tunnel: ({ house }) => {
    const name = tunnelName(house);
    return name === undefined ? undefined : `https://${name}`;
  },
  url: (place) => {
    const [web] = Object.keys(place.stack.web);
    return web === undefined ? undefined : webUrl(place, web);
  },
  hosts,
};

/** Words whose example in `.env.example` is a default; of the others it only shows the form. */
const DEFAULTED: ReadonlySet<HouseWord> = new Set<HouseWord>(["timezone", "uid", "gid"]);

/** @param example what stands in `.env.example`. @returns `undefined` where the house doesn't know. */
export const answer = (word: HouseWord, place: Place, example: string): string | undefined =>
  ANSWERS[word](place) ?? (DEFAULTED.has(word) ? example : undefined);
