/** `infinity bootstrap`: arguments, and where password, code and engine come from. */
import { Command } from "commander";
import { readSettings } from "../../providers/proxmox/settings";
import { engineConfig } from "../adopt/engineConfig";
import { engineOn } from "../adopt/command";
import { firstLine, personAt, type Person } from "../person";
import { readStack } from "../readStack";
import { bootstrap } from "./bootstrap";

interface Options {
  readonly stack: string;
  readonly user: string;
  readonly role: string;
  readonly token?: string;
  readonly fingerprint?: string;
  readonly dryRun?: boolean;
  readonly newToken?: boolean;
  readonly print?: boolean;
  readonly yes?: boolean;
}

export function bootstrapCommand(): Command {
  return new Command("bootstrap")
    .description("once, with root@pam's password: make the user, role and token that everything else uses")
    .requiredOption("--stack <name>", "whose house: Pulumi.<name>.yaml")
    .option("--dry-run", "only say what it would do")
    .option("--new-token", "replace a token that is there: its secret is shown to nobody twice")
    .option("--print", "print the token once, instead of putting it into the stack, encrypted")
    .option("--fingerprint <sha256>", "of the node's certificate, compared already")
    .option("--yes", "do it without asking")
    .option("--user <name>", "the user to make", "infinity@pve")
    .option("--role <name>", "the role to make", "Infinity")
    .option("--token <name>", "the token's own name; default: the stack's")
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      process.exitCode = await act(options);
    });
}

const HELP = `
The password is PROXMOX_VE_PASSWORD, or is asked for at the terminal, or is the first line of standard input; the code
of a second factor is PROXMOX_VE_OTP, or is asked for. The password is sent once, to the server whose certificate was
compared, and kept nowhere.`;

async function act(options: Options): Promise<number> {
  const { stack, user, role, token = stack, fingerprint } = options;
  const { house } = readStack(stack);
  const person = personAt(process.stdin, process.stderr);
  const engine = await engineOn(stack);
  return bootstrap({
    house,
    names: { user, role, token },
    dryRun: options.dryRun ?? false,
    newToken: options.newToken ?? false,
    yes: options.yes ?? false,
    store: options.print ? "print" : "stack",
    fingerprint,
    knownToken: async () =>
      process.env.PROXMOX_VE_API_TOKEN ?? readSettings(await engineConfig(engine)).settings.hypervisor?.apiToken,
    password: () => rootPassword(person),
    secondFactor: codeSource(person),
    person,
    pulumi: (args, given) => engine(args, {}, given),
    print: console.log,
  });
}

async function rootPassword(person: Person | undefined): Promise<string> {
  const { PROXMOX_VE_PASSWORD: given = "" } = process.env;
  if (given !== "") return given;
  const typed = await (person?.secret("root@pam's password: ") ?? firstLine(process.stdin));
  if (typed === "") throw new Error("root@pam's password: none was given - type it, or set PROXMOX_VE_PASSWORD");
  return typed;
}

function codeSource(person: Person | undefined): (() => Promise<string>) | undefined {
  const { PROXMOX_VE_OTP: given = "" } = process.env;
  if (given !== "") return () => Promise.resolve(given);
  return person && (() => person.secret("code of the second factor: "));
}
