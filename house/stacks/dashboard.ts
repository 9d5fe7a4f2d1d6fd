/** The front page's list of services, written from the house: Homepage's `services.yaml`. Pure. */
import { stringify } from "yaml";
import type { House } from "../schema";
import type { Placed } from "./placed";
import type { Stack } from "./stack";
import { lanUrl, webUrl } from "./words";

/** What Homepage shows of one web interface. */
interface Entry {
  readonly href: string;
  readonly description: string;
  /** Name of a picture that Homepage knows. */
  readonly icon: string;
  /** Asked by Homepage itself, on the LAN, whether it answers. */
  readonly siteMonitor: string;
}

const title = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

function entries(house: House, vm: string, stack: Stack): Record<string, Entry>[] {
  return Object.keys(stack.web).flatMap((name) => {
    const place = { house, vm, stack };
    const [href, siteMonitor] = [webUrl(place, name), lanUrl(place, name)];
    if (href === undefined || siteMonitor === undefined) return [];
    return [{ [title(name)]: { href, description: stack.purpose, icon: `${name}.png`, siteMonitor } }];
  });
}

/**
 * VMs by VMID: the engine hands on a stack file's keys in an order of its own. Those without a web interface, or without an
 * address, are not on it.
 */
export function dashboard(house: House, placed: Placed): string {
  const vmid = (vm: string): number => house.vms[vm]?.vmid ?? 0;
  const inOrder = Object.entries(placed).sort(([a], [b]) => vmid(a) - vmid(b));
  const groups = inOrder.flatMap(([vm, stacks]) => {
    const shown = stacks.flatMap((stack) => entries(house, vm, stack));
    return shown.length === 0 ? [] : [{ [house.vms[vm]?.purpose ?? vm]: shown }];
  });
  return `# Written from the house by infinity-node: changes here are undone.\n${stringify(groups)}`;
}
