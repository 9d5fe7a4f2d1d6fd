/** Docker of a simulated guest, asked by several at once. */
import { openGuest, type TestGuest } from "../providers/guest/guest";

let guest: TestGuest;
beforeEach(async () => {
  guest = await openGuest();
  guest.state.packages.push("docker.io");
});
afterEach(async () => {
  expect(await guest.end()).toEqual([]);
});

test("stacks that are brought up side by side have their containers, all of them", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `stack${index}`);
  const sudo = { sudo: true } as const;
  const up = async (name: string): Promise<number> => {
    const folder = `/opt/stacks/${name}`;
    await guest.host.makeDirectory(folder, sudo);
    await guest.host.writeFile(
      `${folder}/docker-compose.yml`,
      `name: ${name}\nservices:\n  web:\n    image: web:1\n    volumes: ["./conf:/conf"]\n`,
      sudo,
    );
    const command = ["docker", "compose", "--project-name", name, "up", "--detach", "--remove-orphans"];
    return (await guest.by(["env", "-C", folder, ...command])).exitCode;
  };
  expect(await Promise.all(names.map(up))).toEqual(names.map(() => 0));
  expect(guest.state.containers.map(({ project }) => project).sort()).toEqual([...names].sort());
});
