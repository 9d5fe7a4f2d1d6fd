/** sshd of a simulated guest, as far as it is asked what it makes of its files: includes and Match blocks as OpenSSH has them. */
import { BlockList, isIP } from "node:net";
import { lines, refused, said, type Context, type Program } from "../program";

interface Setting {
  readonly name: string;
  readonly value: string;
  /** Criteria of the block that it stands in: `User evan`. */
  readonly match?: string;
}

const MAIN = "/etc/ssh/sshd_config";
const FOLDER = "/etc/ssh/sshd_config.d";

const DEFAULTS = {
  passwordauthentication: "yes",
  kbdinteractiveauthentication: "yes",
  permitrootlogin: "prohibit-password",
  authorizedkeyscommand: "none",
  trustedusercakeys: "none",
  authorizedkeysfile: ".ssh/authorized_keys .ssh/authorized_keys2",
};
const WORDS =
  /^(pubkeyauthentication|passwordauthentication|kbdinteractiveauthentication|permitemptypasswords|permitrootlogin|authorizedkeysfile|authorizedkeyscommand|trustedusercakeys|usepam|x11forwarding)$/;

/** A block ends with its file; what a file includes stands in its place. */
async function settingsIn(path: string, context: Context, within?: string): Promise<Setting[]> {
  const { stdout } = await context.run(["cat", "--", path]);
  let match = within;
  const all: Setting[] = [];
  for (const line of stdout.split("\n")) {
    const [word = "", ...rest] = line.trim().split(/\s+/);
    const [name, value] = [word.toLowerCase(), rest.join(" ")];
    if (name === "" || name.startsWith("#")) continue;
    if (name === "match") match = value;
    else if (name !== "include") all.push({ name, value, match });
    else if (value === `${FOLDER}/*.conf`) {
      const listed = await context.run(["ls", "-A", "--", FOLDER]);
      const names = listed.stdout.split("\n").filter((each) => each.endsWith(".conf") && !each.startsWith("."));
      for (const each of names.sort()) all.push(...(await settingsIn(`${FOLDER}/${each}`, context, match)));
    }
  }
  return all;
}

function isWithin(address: string, networks: string): boolean {
  const list = new BlockList();
  for (const network of networks.split(",")) {
    const [base = "", bits = "32"] = network.split("/");
    if (isIP(base) === 4) list.addSubnet(base, Number(bits), "ipv4");
  }
  return isIP(address) === 4 && list.check(address, "ipv4");
}

/** @returns `undefined` for criteria that no test has used yet. */
function fits(criteria: string, asked: Readonly<Record<string, string>>, { guest }: Context): boolean | undefined {
  const [kind = "", value = ""] = criteria.split(" ");
  const values = value.split(",");
  switch (kind.toLowerCase()) {
    case "all":
      return true;
    case "user":
      return values.includes(asked.user ?? "");
    case "group":
      return values.some((group) => guest.groups[group]?.members.includes(asked.user ?? ""));
    case "address":
      return isWithin(asked.addr ?? "", value);
    default:
      return undefined;
  }
}

export const sshd: Program = async (args, context) => {
  const file = args[args.indexOf("-f") + 1];
  const settings = await settingsIn(args.includes("-f") && file !== undefined ? file : MAIN, context);
  const wrong = settings.find(({ name }) => !WORDS.test(name));
  if (wrong !== undefined) return refused(`Bad configuration option: ${wrong.name}`, 255);
  if (args[0] === "-t") return said();
  const [option, c, connection = ""] = args;
  if (option !== "-T" || c !== "-C") return undefined;
  const asked = Object.fromEntries(
    connection.split(",").map((pair) => [pair.split("=")[0] ?? "", pair.split("=")[1] ?? ""] as const),
  );
  const found: Record<string, string> = {};
  // A block that fits wins over what stands outside; of several the first.
  for (const { name, value, match } of [...settings].sort((a, b) => Number(!a.match) - Number(!b.match))) {
    const counts = match === undefined ? true : fits(match, asked, context);
    if (counts === undefined) return undefined;
    if (counts) found[name] ??= value;
  }
  return said(lines(Object.entries({ ...DEFAULTS, ...found }).map(([name, value]) => `${name} ${value}`)));
};
