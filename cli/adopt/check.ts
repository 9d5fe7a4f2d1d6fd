/** `infinity adopt --check`: what differs between a house and its Proxmox, before anything is taken over. Reads only. */
import type { House } from "../../house/schema";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { compareHouse, comparisonLines, unknownLines } from "./compareHouse";

/**
 * @param env what the engine would hand to a provider process.
 * @returns 0 nothing differs, 7 something does, 1 something could not be checked (Pulumi's own exit codes).
 */
export async function check(house: House, env: NodeJS.ProcessEnv, print: (line: string) => void): Promise<number> {
  const client = connect(connectionFrom(env));
  try {
    const compared = await compareHouse(house, client);
    for (const line of [...comparisonLines(compared), ...unknownLines(house)]) print(line);
    const checked = compared.filter(({ result }) => typeof result !== "string");
    print(`\n${checked.length} of ${compared.length} checked, nothing was written`);
    if (checked.length < compared.length) return 1;
    return checked.every(({ result }) => result?.length === 0) ? 0 : 7;
  } finally {
    await client.close();
  }
}
