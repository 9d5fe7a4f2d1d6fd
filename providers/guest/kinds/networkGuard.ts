/**
 * What holds a stack's network on the guest, whatever its containers do: nftables rules that are there before Docker starts
 * a container, after every boot, and that come back when somebody flushes all rules. Writes its file, two drop-ins of
 * systemd's, and one table.
 */
import { z } from "zod";
import type { Answer, Command } from "../bulk";
import { guardRules, tableOf, type GuardSpec } from "../guardRules";
import { onGuest, type OnGuest } from "../guest";
import type { Kind } from "../kind";
import { guestLifecycle } from "../lifecycle";
import { reloadDue, withReload } from "../reload";
import { readText, seenText } from "../seenFile";
import { run, write, type Step } from "../step";
import { unitPath } from "../units";

export interface NetworkGuardSpec extends OnGuest, GuardSpec {
  /** Set by `check`, false where the guest's own rules, now or at its next start, are others: no need to give it. */
  readonly inForce?: boolean;
}

interface Seen {
  /** Text of each of its files that is there, by path. */
  readonly files: Readonly<Record<string, string | undefined>>;
  /** Whether the rules of the kernel are the file's. */
  readonly loaded: boolean;
  readonly due: boolean;
}

const schema: z.ZodType<NetworkGuardSpec> = z.strictObject({
  ...onGuest,
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, { error: "a project's name: small letters, digits, - and _" }),
  bridge: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, {
    error: "the name of an interface: 15 letters, digits, ., _ and - at most",
  }),
  endpointPort: z.int().min(1).max(65535),
  neighbours: z.array(
    z.union([z.cidrv4(), z.ipv4()], { error: "an IPv4 address or network - write 192.168.86.174/32" }),
  ),
  inForce: z.boolean().optional(),
});

const FOLDER = "/etc/infinity-node/guards";
const rulesPath = (name: string): string => `${FOLDER}/${name}.nft`;
const dropIn = (unit: string, name: string): string => unitPath(`${unit}.d/infinity-guard-${name}.conf`);

const NFT = "/usr/sbin/nft";

/** Text by path. Docker doesn't start where the rules can't be loaded; nftables' own service flushes everybody's. */
function filesOf(spec: GuardSpec): Record<string, string> {
  const { name } = spec;
  const load = `${NFT} -f ${rulesPath(name)}`;
  const unit = (...lines: string[]): string =>
    ["# Written by infinity-node: changes here are undone.", "[Service]", ...lines, ""].join("\n");
  return {
    [dropIn("docker.service", name)]: unit(`ExecStartPre=${load}`),
    [dropIn("nftables.service", name)]: unit(`ExecStartPost=${load}`, `ExecReload=${load}`, `ExecStopPost=${load}`),
    [rulesPath(name)]: guardRules(spec),
  };
}

const listed = (name: string): Command => [NFT, "--stateless", "list", "table", "inet", tableOf(name)];

/** What the file means to this guest's own nft and kernel: read into a network that nobody is in, and listed from there. */
const MEANT = 'nft -f "$1" && exec nft --stateless list table inet "$2"';
const meant = (name: string): Command => [
  ...(["unshare", "--net", "sh", "-c"] as const),
  ...[MEANT, "sh", rulesPath(name), tableOf(name)],
];

const same = (one: Answer | undefined, other: Answer | undefined): boolean =>
  one?.exitCode === 0 && other?.exitCode === 0 && one.stdout === other.stdout;

const isRight = ({ files, loaded, due }: Seen, spec: GuardSpec): boolean =>
  loaded && !due && Object.entries(filesOf(spec)).every(([path, text]) => files[path] === text);

const written = (path: string, content: string): Step[] => [
  { kind: "directory", path: path.split("/").slice(0, -1).join("/"), mode: "0755", owner: "root:root" },
  write(path, content),
];

export const networkGuardKind: Kind<NetworkGuardSpec, Seen> = {
  noun: "network guard",
  schema,
  identity: ["name"],
  canonical: (inputs) => ({ ...inputs, neighbours: [...new Set(inputs.neighbours)].sort(), inForce: true }),
  name: ({ name }) => name,
  look: (inputs) => [
    listed(inputs.name),
    meant(inputs.name),
    reloadDue(rulesPath(inputs.name)),
    ...Object.keys(filesOf(inputs)).map(readText),
  ],
  see: ([live, wanted, due, ...texts], inputs) => {
    const paths = Object.keys(filesOf(inputs));
    return {
      files: Object.fromEntries(paths.map((path, index) => [path, seenText(path, texts[index])])),
      loaded: same(live, wanted),
      due: due?.exitCode === 0,
    };
  },
  live: (seen, inputs) =>
    seen.files[rulesPath(inputs.name)] === undefined ? undefined : { ...inputs, inForce: isRight(seen, inputs) },
  steps: (seen, wanted) => {
    if (isRight(seen, wanted)) return [];
    const path = rulesPath(wanted.name);
    const { [path]: rules = "", ...units } = filesOf(wanted);
    const next = `${path}.infinity-new`;
    const tried: Step = {
      kind: "guarded",
      steps: [...written(next, rules), run(NFT, "-c", "-f", next)],
      undo: [run("rm", "-f", next)],
    };
    // The rules first: whatever fails then, they hold.
    const change = [
      run("mv", "-fT", next, path),
      run(NFT, "-f", path),
      ...Object.entries(units).flatMap(([unit, text]) => written(unit, text)),
    ];
    return [tried, ...withReload(path, change, [run("systemctl", "daemon-reload")])];
  },
  remove: (inputs) => [
    run("rm", "-f", "--", ...Object.keys(filesOf(inputs))),
    run("systemctl", "daemon-reload"),
    run(
      "sh",
      "-c",
      '! nft list table inet "$1" >/dev/null 2>&1 || nft delete table inet "$1"',
      "sh",
      tableOf(inputs.name),
    ),
  ],
};

export const lifecycle = guestLifecycle(networkGuardKind);
