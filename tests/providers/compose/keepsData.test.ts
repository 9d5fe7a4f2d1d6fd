/** A stack that was set up by hand, or whose settings changed, never starts on an empty folder: on a simulated guest. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { ComposeStackInputs, StackService } from "../../../providers/compose/args";
import { checkComposeStack } from "../../../providers/compose/check";
import { composeStackLifecycle } from "../../../providers/compose/lifecycle";
import { sha256 } from "../../../providers/compose/digest";
import type { Lifecycle } from "../../../providers/lifecycle";
import { openGuest, type TestGuest } from "../guest/guest";

let guest: TestGuest;
let root: string;
let lifecycle: Lifecycle<ComposeStackInputs>;

beforeEach(async () => {
  guest = await openGuest();
  guest.state.packages.push("docker.io");
  root = mkdtempSync(join(tmpdir(), "infinity-stacks-"));
  lifecycle = composeStackLifecycle(guest.surroundings, () => root);
});

afterEach(async () => {
  const unknown = await guest.end();
  rmSync(root, { recursive: true, force: true });
  expect(unknown).toEqual([]);
});

type Services = Readonly<Record<string, { readonly image: string; readonly volumes: readonly string[] }>>;

const VAULT: Services = {
  vault: { image: "vault:1", volumes: ["${STATE:?}/data:/data", "./motd:/etc/vault/motd:ro"] },
};

/** The house's stack, with its folder in this checkout. */
function house(STATE: string, services = VAULT): ComposeStackInputs {
  const texts = { "docker-compose.yml": stringify({ name: "vault", services }), motd: "hello\n" };
  mkdirSync(join(root, "stacks/vault"), { recursive: true });
  for (const [path, text] of Object.entries(texts)) writeFileSync(join(root, "stacks/vault", path), text);
  const data = (volumes: readonly string[]): StackService["data"] =>
    Object.fromEntries(
      volumes.map((volume) => {
        const [source = "", target = ""] = volume.split(/:(?=\/)/);
        return [target.replace(/:ro$/, ""), source.replace("${STATE:?}", STATE)];
      }),
    );
  const { inputs, failures } = checkComposeStack(
    {},
    {
      host: guest.ref,
      project: "vault",
      source: "stacks/vault",
      files: Object.fromEntries(Object.entries(texts).map(([path, text]) => [path, sha256(text)])),
      env: { STATE },
      services: Object.fromEntries(
        Object.entries(services).map(([name, { image, volumes }]) => [name, { image, data: data(volumes) }]),
      ),
      waitSeconds: 30,
    },
  );
  expect(failures).toEqual([]);
  return inputs;
}

const hand = async (...command: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await guest.by(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
};

const holdsData = async (folder: string): Promise<void> => {
  await hand("mkdir", "-p", folder);
  await guest.host.writeFile(`${folder}/db.sqlite3`, "rows", { sudo: true });
};

/** Somebody's own project of that name, in a folder of theirs. */
async function byHand(services: object, more: object = {}): Promise<void> {
  await hand("mkdir", "-p", "/home/evan/vault");
  const text = stringify({ name: "vault", services, ...more });
  await guest.host.writeFile("/home/evan/vault/docker-compose.yml", text, { sudo: true });
  await hand("env", "-C", "/home/evan/vault", "docker", "compose", "--project-name", "vault", "up", "--detach");
}

const sources = (): string[] =>
  guest.state.containers.flatMap(({ mounts = [] }) => mounts.map(({ Name, Source }) => Name ?? Source));

const create = async (inputs: ComposeStackInputs): Promise<ComposeStackInputs> => (await lifecycle.create(inputs)).outs;

describe("a stack that was set up by hand", () => {
  test("is refused while its data lies elsewhere, before anything is changed; moved there it is taken over", async () => {
    await holdsData("/home/evan/vw");
    await byHand({ vault: { image: "vault:1", volumes: ["/home/evan/vw/:/data/"] } });
    const id = guest.state.containers[0]?.id ?? "";
    const inputs = house("/srv/vault");
    await expect(create(inputs)).rejects.toThrow(
      `stack vault on emby: vault: /data is /home/evan/vw, the house says /srv/vault/data, which is empty - move the data ` +
        `there first; to begin without it: docker rm -f ${id.slice(0, 12)}; nothing was changed`,
    );
    expect(guest.state.containers.map((one) => one.id)).toEqual([id]);
    await expect(hand("ls", "-A", "--", "/opt/stacks/vault")).rejects.toThrow("No such file");
    // Empty folders are no data.
    await hand("mkdir", "-p", "/srv/vault/data/attachments");
    await expect(create(inputs)).rejects.toThrow("which is empty");
    await holdsData("/srv/vault/data");
    expect(await create(inputs)).toEqual(inputs);
    expect(sources()).toContain("/srv/vault/data");
  });

  test("says so before it is taken over: where its data is, and where the house has it", async () => {
    await byHand({ vault: { image: "vault:1", volumes: ["data:/data"] } }, { volumes: { data: null } });
    guest.adopting = "matching";
    await expect(create(house("/srv/vault"))).rejects.toThrow(
      'services.vault.data./data: is "vault_data", wanted "/srv/vault/data"',
    );
  });

  test.each([
    ["the data of a volume", ["data:/data"], "/data is volume vault_data (/var/lib/docker/volumes/vault_data/_data)"],
    [
      "the data of one without a name",
      [`${"0a".repeat(32)}:/data`],
      `/data is a volume without a name (/var/lib/docker/volumes/${"0a".repeat(32)}/_data)`,
    ],
    [
      "what the house mounts nowhere",
      ["/home/evan/more:/more"],
      "/more is /home/evan/more, and the house mounts nothing there - move what is needed to /srv/vault/data first; if it isn't needed, take the container away",
    ],
  ])("is refused for %s", async (_, volumes, told) => {
    await byHand(
      { vault: { image: "vault:1", volumes } },
      { volumes: { data: null, ["0a".repeat(32)]: { name: "0a".repeat(32) } } },
    );
    await Promise.all(sources().map((place) => holdsData(place.startsWith("/") ? place : volume(place))));
    await expect(create(house("/srv/vault"))).rejects.toThrow(told);
    await hand("docker", "rm", "-f", guest.state.containers[0]?.id.slice(0, 12) ?? "");
    await create(house("/srv/vault"));
  });

  test("is refused where its service was called otherwise, too", async () => {
    await holdsData("/home/evan/vw");
    await byHand({ bitwarden: { image: "vault:1", volumes: ["/home/evan/vw:/data"] } });
    await expect(create(house("/srv/vault"))).rejects.toThrow("bitwarden: /data is /home/evan/vw, the house says");
  });

  test("is refused where both service and path were called otherwise; moved, it is taken over", async () => {
    await holdsData("/home/evan/photos");
    await byHand({ photos: { image: "photos:1", volumes: ["/home/evan/photos:/usr/src/app/upload"] } });
    await expect(create(house("/srv/vault"))).rejects.toThrow(
      "photos: /usr/src/app/upload is /home/evan/photos, and the house mounts nothing there - move what is needed to /srv/vault/data",
    );
    await holdsData("/srv/vault/data");
    await create(house("/srv/vault"));
    expect(sources()).not.toContain("/home/evan/photos");
  });

  test("isn't said to have moved its data where the NAS's share holds something", async () => {
    await holdsData("/home/evan/more");
    await holdsData("/mnt/nas/films");
    await byHand({ vault: { image: "vault:1", volumes: ["/home/evan/more:/more", "/srv/vault/data:/data"] } });
    const services = { vault: { image: "vault:1", volumes: ["${STATE:?}/data:/data", "/mnt/nas/films:/films"] } };
    const inputs = { ...house("/srv/vault", services), mounts: ["/mnt/nas"] };
    await expect(create(inputs)).rejects.toThrow(
      "/more is /home/evan/more, and the house mounts nothing there - if it",
    );
  });

  test.each([
    ["a folder of files that are the house's own by now", ["./etc:/etc/vault"]],
    ["a file of the house's own in the place of theirs", ["./motd:/etc/vault/motd"]],
    ["what it only reads", ["/home/evan/films:/films:ro"]],
    ["the guest's own", ["/etc/localtime:/etc/localtime", "/var/run/docker.sock:/var/run/docker.sock"]],
    ["what holds nothing", ["/home/evan/nothing:/data", "/home/evan/none:/more"]],
    ["what the house mounts under another name", ["/srv/vault/data/attachments:/attachments"]],
    ["the same place, written otherwise", ["/srv//vault/data/:/data"]],
  ])("is taken over with %s", async (_, volumes) => {
    await byHand({ vault: { image: "vault:1", volumes } });
    const [place = ""] = sources();
    if (!place.includes("nothing")) await holdsData(place);
    await create(house("/srv/vault"));
    expect(sources()).toContain("/srv/vault/data");
  });

  test("is refused while nobody can say what its data is: the NAS is away", async () => {
    await byHand({ vault: { image: "vault:1", volumes: ["/mnt/nas/vw:/data"] } });
    guest.state.nas = false;
    guest.state.mounts.push({ target: "/mnt/nas", type: "nfs4", source: "nas:/x", options: "rw" });
    await expect(create(house("/srv/vault"))).rejects.toThrow("/data is /mnt/nas/vw, the house says /srv/vault/data");
    guest.state.nas = true;
    await holdsData("/srv/vault/data");
    await create(house("/srv/vault"));
  });
});

const volume = (name: string): string => `/var/lib/docker/volumes/${name}/_data`;

describe("a stack of the house", () => {
  test("whose settings lead elsewhere is refused, with the setting that leads back; and runs on", async () => {
    const state = await create(house("/srv/vault"));
    await holdsData("/srv/vault/data");
    const next = house("/big/vault");
    await expect(lifecycle.update("", state, next)).rejects.toThrow(
      "vault: /data is /srv/vault/data, the house says /big/vault/data, which is empty - set settings.vault.STATE to " +
        "/srv/vault, or move the data there first",
    );
    expect(sources()).toContain("/srv/vault/data");
    await holdsData("/big/vault/data");
    await lifecycle.update("", state, next);
    expect(sources()).toContain("/big/vault/data");
  });

  test("that mounts something no more is deployed: its preview told so", async () => {
    const state = await create(
      house("/srv/vault", {
        vault: { image: "vault:1", volumes: ["${STATE:?}/data:/data", "${STATE:?}/cache:/cache"] },
      }),
    );
    await holdsData("/srv/vault/cache");
    await lifecycle.update("", state, house("/srv/vault"));
    expect(sources()).not.toContain("/srv/vault/cache");
  });

  test("may give up a service, and take in another one that has a path of the same name", async () => {
    const state = await create(house("/srv/vault", { a: { image: "vault:1", volumes: ["${STATE:?}/a:/config"] } }));
    await holdsData("/srv/vault/a");
    await lifecycle.update(
      "",
      state,
      house("/srv/vault", { b: { image: "vault:1", volumes: ["${STATE:?}/b:/config"] } }),
    );
    expect(sources()).toEqual(["/srv/vault/b"]);
  });
});
