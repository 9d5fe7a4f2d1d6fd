/** `infinity adopt --check`: what differs between a house and what there is, before anything is taken over. Reads only. */
import type { House } from "../../house/schema";
import type { CloudsLook } from "../../providers/clouds/look";
import { connect } from "../../providers/proxmox/connect";
import { connectionFrom } from "../../providers/proxmox/connection";
import { compareClouds } from "./compareClouds";
import { compareGuests, lackingLines, otherProjectLines, type Inside } from "./compareGuests";
import { compareHouse, comparisonLines, unknownLines } from "./compareHouse";

export interface Check {
  readonly house: House;
  /** What the engine would hand to a provider process. */
  readonly env: NodeJS.ProcessEnv;
  /** Asked where the house has something there. */
  readonly clouds: CloudsLook;
  /** What the house has inside its VMs. @default that is left out */
  readonly inside?: Inside;
  readonly print: (line: string) => void;
}

/**
 * @returns 0 nothing differs, 7 something does, 1 something could not be checked (Pulumi's own exit codes).
 */
export async function check({ house, env, clouds, inside, print }: Check): Promise<number> {
  const client = connect(connectionFrom(env));
  try {
    const [parts, others] = await Promise.all([
      Promise.all([
        compareHouse(house, client),
        inside ? compareGuests(house, inside) : Promise.resolve([]),
        compareClouds(house, clouds),
      ]),
      inside ? otherProjectLines(house, inside) : [],
    ]);
    const compared = parts.flat();
    for (const line of [
      ...comparisonLines(compared),
      ...others,
      ...unknownLines(house),
      ...(inside ? lackingLines(inside.plan) : []),
    ])
      print(line);
    const checked = compared.filter(({ result }) => typeof result !== "string");
    print(`\n${checked.length} of ${compared.length} checked, nothing was written`);
    if (checked.length < compared.length) return 1;
    return checked.every(({ result }) => result?.length === 0) ? 0 : 7;
  } finally {
    await Promise.all([client.close(), inside?.look.close()]);
  }
}
