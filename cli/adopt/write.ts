/** `infinity adopt --write FILE`: a house from a live Proxmox. Asks with GET only; writes one file. */
import { existsSync, writeFileSync } from "node:fs";
import { houseOf } from "../../house/fromProxmox/houseOf";
import { stackFile } from "../../house/fromProxmox/stackFile";
import { parseHouse } from "../../house/house";
import { sectionsFromStackFile } from "../../house/load";
import { lookAround } from "../../providers/proxmox/adopt/lookAround";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { parseNetwork } from "../../values/network";
import { formatProblem } from "../../values/problem";

export interface WriteOptions {
  readonly file: string;
  /** Whether a file that is there is replaced. */
  readonly force: boolean;
  /** @default PROXMOX_VE_ENDPOINT */
  readonly endpoint?: string;
  readonly fingerprint?: string;
  readonly caFile?: string;
  readonly network?: string;
  readonly node?: string;
  /** For credentials. */
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
}

function refuse({ file, force, network }: WriteOptions): void {
  if (existsSync(file) && !force) throw new Error(`--write ${file}: is there already - take another name, or --force`);
  if (network !== undefined && parseNetwork(network) === undefined)
    throw new Error(
      `--network ${network}: is no IPv4 network of /8 to /30 - write 192.168.86.0/24, without a host's bits`,
    );
}

/** @returns 0 the house holds together, 7 it is written and its owner has something to decide. */
export async function write(options: WriteOptions): Promise<number> {
  refuse(options);
  const { file, force, endpoint, fingerprint, caFile, network, node, env, print } = options;
  const tls = fingerprint === undefined && caFile === undefined ? undefined : { fingerprint, caFile };
  const connection = connectionFrom({
    ...env,
    ...(endpoint !== undefined && { PROXMOX_VE_ENDPOINT: endpoint }),
    PULUMI_CONFIG: JSON.stringify({ hypervisor: JSON.stringify({ tls }) }),
  });
  const client = connect(connection);
  const found = await lookAround(client, node).finally(() => client.close());
  const house = houseOf(found, { endpoint: connection.endpoint, tls }, network);
  const text = stackFile(house);
  writeFileSync(file, text, { flag: force ? "w" : "wx" });

  const left = house.leftOut.length + house.vms.reduce((sum, vm) => sum + vm.leftOut.length, 0);
  print(`${file}: VMs: ${house.vms.length}, storages: ${house.storages.length}, left out with a comment: ${left}`);
  const { sections, problems } = sectionsFromStackFile(text, file);
  const parsed = parseHouse({ sections, problems });
  if ("house" in parsed) return 0;
  print("for you to decide, before it is a house:");
  for (const problem of parsed.problems) print(`  ${formatProblem(problem)}`);
  return 7;
}
