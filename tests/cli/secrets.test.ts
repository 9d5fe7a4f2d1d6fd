/** `infinity secrets`: what is listed, what is made up, and that no value is shown or stands in an argument. */
import { stripVTControlCharacters } from "node:util";
import { secrets } from "../../cli/secrets/secrets";
import type { Sections } from "../../house/load";
import { merge } from "../../house/merge";
import { parseHouse } from "../../house/house";
import { formatProblem } from "../../values/problem";
import { small } from "../house/support";
import { edited, folder, folders } from "../house/stacks/support";

const EXAMPLE = `
# Where. [setting]
STATE=/srv/films

# NAS. [house library]
LIBRARY=/mnt/nas

# Key of its API. [secret]
API_KEY=

# Password of its database. [secret generate]
DB_PASSWORD=

# Token of its friends. [secret optional]
# TOKEN=
`;

const STACKS = folders(
  folder({
    "docker-compose.yml": edited([
      "API_KEY: ${API_KEY}",
      "API_KEY: ${API_KEY}\n      DB_PASSWORD: ${DB_PASSWORD}\n      TOKEN:",
    ]),
    ".env.example": EXAMPLE,
  }),
);

const HOUSE = small({
  nas: { address: "10.0.0.3", export: "/volume1/house" },
  vms: { web: { services: ["films"] }, two: { vmid: 101, services: ["films"] } },
});

async function run(given: Sections, generate = false, code = 0) {
  const parsed = parseHouse({ sections: merge(HOUSE, given), folders: STACKS });
  if ("problems" in parsed) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  const calls: { args: readonly string[]; input?: string }[] = [];
  const lines: string[] = [];
  const exit = secrets({
    ...parsed,
    stack: "home",
    generate,
    pulumi: (args, { input }) => {
      calls.push({ args, ...(input === undefined ? {} : { input }) });
      return Promise.resolve({ code, stdout: "", stderr: "no passphrase" });
    },
    print: (text) => lines.push(stripVTControlCharacters(text)),
  });
  return { exit: await exit, calls, said: lines.join("\n") };
}

test("everything given is listed, and nothing is missing", async () => {
  const { exit, said, calls } = await run({ secrets: { films: { API_KEY: "k", DB_PASSWORD: { secure: "v1:x" } } } });
  expect([exit, calls]).toEqual([0, []]);
  expect(said).toMatch(/films\.API_KEY +given +Key of its API\./);
  expect(said).toMatch(/films\.DB_PASSWORD +given/);
  expect(said).toMatch(/films\.TOKEN +none, optional/);
});

test("what is missing is told with the command that gives it, for each VM that lacks it", async () => {
  const { exit, said } = await run({ secrets: { films: { API_KEY: { web: "k" } } } });
  expect(exit).toBe(1);
  expect(said).toMatch(/films\.API_KEY +not for two/);
  expect(said).toMatch(/films\.DB_PASSWORD +missing, any will do/);
  expect(said).toContain("2 missing.");
  const set = "npx infinity pulumi config set --stack home --secret --path";
  expect(said).toContain(`${set} 'infinity-node:secrets.films.API_KEY.two'`);
  expect(said).toContain(`${set} 'infinity-node:secrets.films.DB_PASSWORD'`);
});

test("only what may be anything is made up, long, each its own, and over standard input", async () => {
  const { said, calls, exit } = await run({}, true);
  expect(exit).toBe(1);
  expect(calls.map(({ args }) => args)).toEqual([
    ["config", "set", "--secret", "--path", "infinity-node:secrets.films.DB_PASSWORD"],
  ]);
  const [{ input = "" } = {}] = calls;
  expect(input).toMatch(/^[0-9a-f]{64}$/);
  expect(said).not.toContain(input);
  const [again] = (await run({}, true)).calls;
  expect(again?.input).not.toBe(input);
});

test("what a VM has already is not made up anew for the others", async () => {
  const { calls } = await run({ secrets: { films: { DB_PASSWORD: { web: "old" } } } }, true);
  expect(calls).toEqual([]);
});

test("an engine that can't store it says why", async () => {
  await expect(run({}, true, 255)).rejects.toThrow("secrets.films.DB_PASSWORD could not be stored: no passphrase");
});
