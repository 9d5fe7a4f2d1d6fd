/** nftables of a simulated guest: tables that are loaded and listed, and no packet; and what its images let around a VPN. */
import { refused, said, type Context, type Program, type Result } from "../program";

const PROJECT = "com.docker.compose.project";

/** A table of a file, as a listing has it: without comments and what comes before. */
const tableIn = (text: string): { name: string; body: string } | undefined => {
  const [, body = "", name = ""] = /^(table inet (\S+) \{[\s\S]*)$/m.exec(text) ?? [];
  return name === "" ? undefined : { name, body: body.replace(/^\s*#.*\n/gm, "") };
};

async function tableOfFile(path: string, { run }: Context): Promise<{ name: string; body: string } | Result> {
  const { exitCode, stdout } = await run(["cat", "--", path]);
  if (exitCode !== 0) return refused(`Error: Could not open file "${path}": No such file or directory`);
  return tableIn(stdout) ?? refused(`${path}: Error: syntax error`);
}

const nft: Program = async (args, context) => {
  const { guest } = context;
  if (!guest.packages.includes("nftables")) return refused("nft: not found", 127);
  const [verb = "", ...rest] = args;
  const tables = (guest.tables ??= {});
  switch (verb) {
    case "--stateless": {
      const body = tables[rest.at(-1) ?? ""];
      return body === undefined ? refused("Error: No such file or directory") : said(body);
    }
    case "flush":
      guest.tables = {};
      return said();
    case "-f":
    case "-c":
    case "--lab-read": {
      const table = await tableOfFile(rest.at(-1) ?? "", context);
      if ("exitCode" in table) return table;
      if (verb === "-f") tables[table.name] = table.body;
      return verb === "--lab-read" ? said(table.body) : said();
    }
    default:
      return undefined;
  }
};

/** As the leak check says it, of a stack whose containers' images leak. */
export function leaksOf(
  [project = "", service = "", , table = ""]: readonly string[],
  { guest }: Context,
): Promise<Result> {
  const running = guest.containers.filter(({ labels, status }) => labels[PROJECT] === project && status === "running");
  const found = [
    ...(guest.tables?.[table] === undefined ? [`the guard's rules are not loaded on the guest: table ${table}`] : []),
    ...(running.some((each) => each.service === service)
      ? []
      : [`${service} doesn't run: nothing is known of its network`]),
    ...running.flatMap(({ image }) => guest.leaks?.[image] ?? []),
  ];
  return Promise.resolve(found.length === 0 ? said() : refused(found.join("\n")));
}

export const firewallPrograms: Readonly<Record<string, Program>> = { nft, "/usr/sbin/nft": nft };
