/** `infinity adopt --check`: what differs between a house and what there is, before anything is taken over. Reads only. */
import type { House } from "../../house/schema";
import type { CloudsLook } from "../../providers/clouds/look";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { compareClouds } from "./compareClouds";
import { compareHouse, comparisonLines, unknownLines } from "./compareHouse";

/**
 * @param env what the engine would hand to a provider process. @param clouds asked where the house has something there.
 * @returns 0 nothing differs, 7 something does, 1 something could not be checked (Pulumi's own exit codes).
 */
export async function check(
  house: House,
  env: NodeJS.ProcessEnv,
  clouds: CloudsLook,
  print: (line: string) => void,
): Promise<number> {
  const client = connect(connectionFrom(env));
  try {
    const compared = (await Promise.all([compareHouse(house, client), compareClouds(house, clouds)])).flat();
    for (const line of [...comparisonLines(compared), ...unknownLines(house)]) print(line);
    const checked = compared.filter(({ result }) => typeof result !== "string");
    print(`\n${checked.length} of ${compared.length} checked, nothing was written`);
    if (checked.length < compared.length) return 1;
    return checked.every(({ result }) => result?.length === 0) ? 0 : 7;
  } finally {
    await client.close();
  }
}
