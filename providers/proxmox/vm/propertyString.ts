/**
 * Proxmox's property strings: `local-lvm:vm-100-disk-0,discard=on,size=82G`. Options by name, one of them perhaps
 * written without its name, first. Pure.
 */
export type PropertyString = Readonly<Record<string, string>>;

/**
 * @param defaultKey name of the option that may stand without one: `file` of a drive, `cputype` of a CPU.
 * Blank parts are skipped, as Proxmox skips them; the last of two parts with one name wins.
 */
export function parsePropertyString(text: string, defaultKey: string): PropertyString {
  const parts = text.split(",").filter((part) => part.trim() !== "");
  return Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf("=");
      return at < 0 ? [defaultKey, part.trim()] : [part.slice(0, at).trim(), part.slice(at + 1)];
    }),
  );
}

/** In the order in which Proxmox prints it: the nameless option first, the others by name; undefined ones are left out. */
export function printPropertyString(
  options: Readonly<Record<string, string | undefined>>,
  defaultKey?: string,
): string {
  const named = Object.entries(options)
    .filter(([key, value]) => key !== defaultKey && value !== undefined)
    .map(([key, value]) => `${key}=${value ?? ""}`)
    .sort();
  const first = defaultKey === undefined ? undefined : options[defaultKey];
  return [...(first === undefined ? [] : [first]), ...named].join(",");
}
