/** The house's rules against the verdicts of a real Proxmox: what it took is taken, what it refused is refused. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sharedPath } from "../support/shared";
import { problems, small } from "./support";

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly body?: { readonly errors?: Readonly<Record<string, string>> } | null;
}

const folder = sharedPath("pve/exchanges");

/** Each name that a VM was given, with whether Proxmox found fault with it. */
function verdicts(from: string): Map<string, boolean> {
  const lines = readdirSync(from).flatMap((file) => readFileSync(join(from, file), "utf8").split("\n"));
  const exchanges = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Exchange);
  const given = exchanges.flatMap(({ method, path, params, status, body }) => {
    const name = params?.name;
    if (method === "GET" || !/^\/nodes\/[^/]+\/qemu(\/\d+\/config)?$/.test(path) || typeof name !== "string") return [];
    const refused = body?.errors?.name !== undefined;
    return status === 200 || refused ? [[name, refused] as const] : [];
  });
  return new Map(given);
}

if (folder === undefined) {
  test.skip("names of VMs are judged as Proxmox judged them: no recordings (../shared/pve, or INFINITY_SHARED)", () =>
    undefined);
} else {
  test("names of VMs are judged as Proxmox judged them", () => {
    const judged = [...verdicts(folder)];
    const ours = judged.map(([hostname]) => [hostname, problems(small({ vms: { web: { hostname } } })).length > 0]);
    expect(judged.filter(([, refused]) => refused).length).toBeGreaterThan(0);
    expect(ours).toEqual(judged);
  });
}
