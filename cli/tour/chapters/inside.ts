/** Somebody at work inside the VMs: found in the words of who runs them, and put right in one go. */
import type { LabGuest } from "../../../lab/guest/guest";
import { byHand } from "../byHand";
import { expecting, type Chapter } from "../chapter";
import { FOUND, look } from "../look";
import { UP, type Stage } from "../stage";

const COMPOSE = "/opt/stacks/radarr/docker-compose.yml";
const USER = "mallory";

const guestOf = ({ servers }: Stage, name: string): LabGuest => {
  const guest = servers.inside?.byName[name];
  if (guest === undefined) throw new Error(`the house has no guest ${name}`);
  return guest;
};

const container = ({ state }: LabGuest, name: string) => state.containers.find(({ service }) => service === name);

/** Each VM's part of it: what is said of it, and what is done at its shell. */
async function edit(stage: Stage, say: (line: string) => void): Promise<void> {
  const { inside } = stage.servers.serving;
  if (inside === undefined) throw new Error("the house has no guests");
  const root = { sudo: true } as const;
  await byHand(inside, "emby", "evan", async (host) => {
    await host.run(["docker", "stop", "emby-emby-1"], root);
    await host.run(["systemctl", "stop", "mnt-nas.automount"], root);
  });
  say("by hand on emby: docker stop emby, and the NAS's share unmounted");
  await byHand(inside, "arr", "evan", async (host) => {
    const text = String(await host.readFile(COMPOSE, root));
    await host.writeFile(COMPOSE, text.replace("restart: unless-stopped", "restart: always"), root);
  });
  say("by hand on arr: radarr's docker-compose.yml edited");
  await byHand(inside, "misc", "evan", async (host) => {
    await host.run(["useradd", "-m", "-s", "/bin/bash", USER], root);
  });
  say(`by hand on misc: a user added, ${USER}`);
}

/** How each of them is told. */
const TOLD = [
  /service emby: exited \(143\)/,
  /share not mounted/,
  /file edited by hand: docker-compose\.yml/,
  /user added by hand: mallory/,
];

export const inside: Chapter = {
  title: "What somebody does inside a VM is found and put right",
  async play(stage, say) {
    await edit(stage, say);
    const found = await look(stage, FOUND);
    const told = TOLD.map((pattern) => found.find((line) => pattern.test(line)));
    expecting("each of the four found", !told.includes(undefined), found);
    say("infinity drift: exit code 7");
    for (const line of told) say(`  ${line?.trim() ?? ""}`);

    const [emby, arr, misc] = ["emby", "arr", "misc"].map((name) => guestOf(stage, name)) as [
      LabGuest,
      LabGuest,
      LabGuest,
    ];
    const others = arr.state.containers.filter(({ service }) => service !== "radarr").map(({ id }) => id);
    await stage.pulumi([...UP, "--refresh"]);
    expecting("emby up", container(emby, "emby")?.status === "running", container(emby, "emby"));
    expecting(
      "the share mounted",
      emby.state.mounts.some(({ type }) => type === "nfs4"),
      emby.state.mounts,
    );
    expecting(
      "no other container touched",
      others.every((id) => arr.state.containers.some((each) => each.id === id)),
    );
    const account = misc.state.accounts[USER];
    expecting("the user locked, not removed", account?.expired === true, account);
    await look(stage, 0);
    say(
      "pulumi up --refresh: emby runs, the share is mounted, the file is the house's; the user is locked, and keeps its home",
    );
  },
};
