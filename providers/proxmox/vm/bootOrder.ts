/** The boot order of a VM whose house does not name one. Pure. */
import { sameCanonical } from "../../canonical";
import type { Config } from "./config";
import { fieldOf } from "./fields";

const orderOf = (config: Config): readonly string[] => (fieldOf("boot").parse(config, []) ?? []) as readonly string[];

/**
 * Proxmox takes a slot that is emptied out of the boot order (PVE 8.4), and the VM would not start from a disk that is only put
 * back into its slot: the order goes back with it, unless somebody gave it another one since.
 * @param acknowledged what the house didn't name at its last run. @param filled slots that the same call fills again.
 */
export function returningBoot(
  config: Config,
  acknowledged: Config | undefined,
  filled: readonly string[],
): Readonly<Record<string, string>> {
  const before = orderOf(acknowledged ?? {});
  const rest = before.filter((slot) => !filled.includes(slot));
  const lost = rest.length < before.length && sameCanonical(rest, orderOf(config));
  return lost ? { boot: `order=${before.join(";")}` } : {};
}
