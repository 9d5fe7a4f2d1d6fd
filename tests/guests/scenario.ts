/**
 * What befalls the services of a house: brought up, broken by hand, found, repaired, updated well and badly. One piece of
 * code for every kind of guest; each step gives what can be seen of it, and all kinds must give the same.
 */
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";
import { volumeOf } from "./checkout";
import type { Hands, HouseWorld, VmName } from "./houseWorld";

/** Image and state of each service: `emby/emby` is `image running, healthy`; `image` is the one that its stack names. */
export type Services = Readonly<Record<string, string>>;

const Inspected = z.array(
  z.object({
    Id: z.string(),
    State: z.object({ Status: z.string(), Health: z.object({ Status: z.string() }).optional() }),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
  }),
);

interface Container {
  readonly id: string;
  readonly name: string;
  readonly state: string;
}

async function containersOf({ at, checkout }: HouseWorld, vm: VmName): Promise<Container[]> {
  const hands = at[vm];
  const filter = ["--filter", "label=com.docker.compose.project"];
  const ids = (await hands.run("docker", "ps", "-aq", "--no-trunc", ...filter)).split("\n").filter((id) => id !== "");
  if (ids.length === 0) return [];
  const text = await hands.run("docker", "inspect", "--type", "container", ...ids);
  const found = Inspected.parse(JSON.parse(text)).map(({ Id, State, Config: { Image, Labels } }) => {
    const { "com.docker.compose.project": project = "", "com.docker.compose.service": service = "" } = Labels;
    const state = [State.Status, ...(State.Health ? [State.Health.Status] : [])].join(", ");
    // Versions change by themselves; what the scenario makes of them doesn't.
    const image = Image.replace(checkout.imageOf(project), "image");
    return { id: Id, name: `${project}/${service}`, state: `${image} ${state}` };
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const servicesOf = async (house: HouseWorld, vm: VmName): Promise<Services> =>
  Object.fromEntries((await containersOf(house, vm)).map(({ name, state }) => [name, state]));

/** Which services of the first VM have another container after something was done. */
async function madeAnew(house: HouseWorld, done: () => Promise<unknown>): Promise<string[]> {
  const before = new Set((await containersOf(house, "first")).map(({ id }) => id));
  await done();
  return (await containersOf(house, "first")).filter(({ id }) => !before.has(id)).map(({ name }) => name);
}

/** `first-emby: services.emby.state`: what a preview of a refresh says of each resource, without values. */
function foundIn(output: string): string[] {
  const found = new Set<string>();
  let [resource, margin] = ["", 0];
  let path: string[] = [];
  for (const line of stripVTControlCharacters(output).split("\n")) {
    const [, blanks, name] = /^( *)\[urn=.*::([^:\]]+)\]$/.exec(line) ?? [];
    if (name !== undefined) [resource, margin, path] = [name, (blanks?.length ?? 0) - 2, []];
    const [, indent = "", property, rest = ""] = /^( *)[~+-] ([\w./\][-]+) *: (.*)$/.exec(line) ?? [];
    if (property === undefined) continue;
    path = [...path.slice(0, (indent.length - margin) / 4), property];
    // What is there as a whole, or isn't, is told once.
    const whole = [...found].some((one) => `${resource}: ${path.join(".")}`.startsWith(`${one}.`));
    const opens = /^[{[]$/.test(rest.trim());
    if (!whole && !(opens && line.trim().startsWith("~"))) found.add(`${resource}: ${path.join(".")}`);
  }
  return [...found].sort();
}

const releasesOf = async (hands: Hands, stack: string): Promise<number> =>
  (await hands.run("ls", "-1t", "--", `/opt/stacks/${stack}/releases`)).split("\n").filter((name) => name !== "")
    .length;

/** What is said of a stack's failure: its error and what is shown beside it, without the releases' names. */
function failureOf(output: string): string[] {
  const [, diagnostics = ""] = stripVTControlCharacters(output).split("Diagnostics:");
  // One that ends at once is seen between two of its starts, or in one of them.
  const plain = (line: string): string =>
    line.replace(/\b[0-9a-f]{16}\b/g, "RELEASE").replace(/ is (re)?starting; /, " is starting again and again; ");
  const lines = diagnostics.split("\n").map((line) => plain(line.trim()));
  const error = lines.filter((line) => line.includes("* stack portainer on first: "));
  const [, service = "", ...log] = lines.slice(lines.indexOf("stack portainer on first:"));
  const ends = log.flatMap((line) => /ends at once, as its version says/.exec(line) ?? []).slice(0, 1);
  return [...error.map((line) => line.replace("* ", "")), service, ...ends];
}

export interface Facts {
  readonly up: Readonly<Record<VmName, Services>>;
  readonly found: readonly string[];
  readonly repaired: { readonly services: Services; readonly anew: readonly string[] };
  readonly updated: { readonly services: Services; readonly anew: readonly string[]; readonly releases: number };
  readonly failed: { readonly said: readonly string[]; readonly services: Services; readonly anew: readonly string[] };
  readonly back: Services;
  readonly gone: { readonly services: Services; readonly volumes: readonly string[] };
}

/** What the second VM's Docker has after two of its stacks were taken away. */
async function leftOfSecond(house: HouseWorld): Promise<Facts["gone"]> {
  const isThere = (volume: string): Promise<boolean> =>
    house.at.second.run("docker", "volume", "inspect", "--format", "{{.Mountpoint}}", volume).then(
      () => true,
      () => false,
    );
  const names = ["flaresolverr", "watchtower"].map(volumeOf);
  const there = await Promise.all(names.map(isThere));
  return { services: await servicesOf(house, "second"), volumes: names.filter((_, index) => there[index]) };
}

const SSHD = "/etc/ssh/sshd_config.d";
const STRANGER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG1hbGxvcnkgaXMgbm8gb25lIG9mIHRoaXMgaG91c2Uh mallory";

const EXTRA = (image: string): string => `services:\n  extra:\n    image: ${image}\n    restart: unless-stopped\n`;

/**
 * A container stopped, a file edited, a container of nobody's, a share unmounted; a user given too much, a key of somebody
 * else's, another user; passwords let in for one of them; updates switched off.
 */
async function breakBy({ run, write }: Hands, image: string): Promise<void> {
  await run("docker", "kill", "emby-emby-1");
  const path = "/opt/stacks/portainer/docker-compose.yml";
  await write(path, (await run("cat", "--", path)).replace("unless-stopped", "always"));
  await write("/opt/extra.yml", EXTRA(image));
  await run("docker", "compose", "--project-name", "watchtower", "--file", "/opt/extra.yml", "up", "--detach");
  await run("systemctl", "stop", "mnt-nas.automount");
  await run("umount", "-l", "/mnt/nas").catch(() => undefined);
  await run("usermod", "-a", "-G", "sudo", "inspector");
  await run("useradd", "-m", "-s", "/bin/bash", "mallory");
  const keys = "/home/inspector/.ssh/authorized_keys";
  await write(keys, `${await run("cat", "--", keys)}${STRANGER}\n`);
  const ours = `${SSHD}/00-infinity-node.conf`;
  await write(ours, (await run("cat", "--", ours)).replace(/^Match all\n[^]*$/m, ""));
  await write(
    `${SSHD}/50-by-hand.conf`,
    "Match User inspector\n    PasswordAuthentication yes\n    TrustedUserCAKeys /etc/ssh/ca.pub\n",
  );
  await run("systemctl", "disable", "--now", "apt-daily-upgrade.timer");
}

/** From a house that isn't there to one that is as it was described. @throws where a step isn't possible at all */
export async function playScenario(house: HouseWorld): Promise<Facts> {
  const { world, checkout, at } = house;
  const clean = () => world.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  const servicesOfFirst = () => servicesOf(house, "first");
  await world.up();
  await clean();
  const up = { first: await servicesOfFirst(), second: await servicesOf(house, "second") };

  await breakBy(at.first, checkout.imageOf("watchtower"));
  const found = foundIn(await world.pulumi(["refresh", "--preview-only", "--diff"]));
  const repairs = await madeAnew(house, () => world.pulumi(["up", "--yes", "--skip-preview", "--refresh"]));
  await clean();
  const repaired = { services: await servicesOfFirst(), anew: repairs };

  checkout.version("portainer", "-next");
  const updates = await madeAnew(house, () => world.up());
  const releases = await releasesOf(at.first, "portainer");
  const updated = { services: await servicesOfFirst(), anew: updates, releases };

  checkout.version("portainer", "-ends");
  let said = "";
  const fails = await madeAnew(house, async () => {
    said = await world.pulumi(["up", "--yes", "--skip-preview", "--continue-on-error"], 1);
  });
  const failed = { said: failureOf(said), services: await servicesOfFirst(), anew: fails };

  checkout.version("portainer", "");
  house.describe([
    "portainer",
    { flaresolverr: { deletable: true, deleteVolumes: true } },
    { watchtower: { deletable: true } },
  ]);
  await world.up();
  const back = await servicesOfFirst();

  house.describe(["portainer"]);
  await world.up();
  await clean();
  return { up, found, repaired, updated, failed, back, gone: await leftOfSecond(house) };
}
