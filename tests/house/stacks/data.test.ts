/** Where what containers mount lies, from both of Compose's ways to write it. */
import { dataPlaces } from "../../../house/stacks/data";
import { mountOf, tmpfsOf } from "../../../house/stacks/mount";
import { edited, folder, stack } from "./support";

const filled = (text: string): string => text.replaceAll("${STATE:?}", "/srv/films");

test("are paths of the VM, names of volumes, and files of the stack's own, sorted by path in the container", () => {
  const { films } = stack(
    folder({
      "docker-compose.yml": edited(
        ["services:\n", "volumes: { cache: null, old: { name: films-old }, theirs: { external: true } }\nservices:\n"],
        [
          "      - ./motd:/motd:ro",
          "      - ./motd:/motd:ro\n      - cache:/cache\n      - old:/old\n      - theirs:/theirs\n      - /unnamed",
        ],
      ),
    }),
  ).services;
  expect(dataPlaces(films?.mounts ?? [], filled)).toEqual({
    "/cache": "films_cache",
    "/config": "/srv/films/config",
    "/data/media": "${LIBRARY:?}/media",
    "/motd": "./motd",
    "/old": "films-old",
    "/theirs": "theirs",
  });
});

test("are neither memory nor what is the VM's own in every container", () => {
  const mounts = [mountOf("/var/run/docker.sock:/var/run/docker.sock"), mountOf("/etc/localtime:/etc/localtime:ro")];
  expect(dataPlaces([...mounts, tmpfsOf("/tmp:size=1g")], filled)).toEqual({});
});
