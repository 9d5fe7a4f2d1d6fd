/** An `up --refresh` as a refresh and an `up`: what goes to which, and what follows what. */
import type { Person } from "../../cli/person";
import { refreshApart, runRefreshFirst } from "../../cli/refreshFirst";

const GOING = { PULUMI_CONTINUE_ON_ERROR: "true" };
const words = (line: string): string[] => line.split(" ");
const apart = (line: string, env: NodeJS.ProcessEnv = GOING) => {
  const split = refreshApart(words(line), env);
  return split && [split.refresh.join(" "), split.up.join(" "), split.approved];
};

test.each([
  ["up --yes --refresh", "refresh", "up --refresh=false --yes", true],
  ["up -r", "refresh", "up --refresh=false", false],
  ["update -yr -s home", "refresh -s home", "update --refresh=false -y -s home", true],
  ["up -fshome --refresh=true", "refresh -shome", "up --refresh=false -f -shome", true],
  ["up --refresh=false -r=1 --yes=false", "refresh", "up --refresh=false --yes=false", false],
  // Each as the engine has it: what only one of both knows stays with that one, a value with its flag.
  [
    "up --stack home --refresh --target a --target=b --target-replace c --policy-pack p --show-reads -p 3 --message -y",
    "refresh --stack home --target a --target=b --target c -p 3 --message -y",
    "up --refresh=false --stack home --target a --target=b --target-replace c --policy-pack p --show-reads -p 3 --message -y",
    false,
  ],
  ["up -r --expect-no-changes --diff --color never -v=3", "refresh --diff --color never -v=3", "up --refresh=false --expect-no-changes --diff --color never -v=3", false], // prettier-ignore
])("%s is %s, then %s", (given, refresh, up, approved) => {
  expect(apart(given)).toEqual([refresh, up, approved]);
});

test.each([
  "up --yes",
  "up --refresh=false",
  "up --refresh --refresh=0",
  "up --refresh --help",
  "up --refresh=perhaps",
  "preview --refresh",
  "destroy --refresh",
  "up --refresh --continue-on-error=false",
  "up --message --refresh",
  "up --refresh --run-program --yes",
  "up --refresh --yes --json",
])("%s stays one command", (given) => {
  expect(apart(given)).toBeUndefined();
});

test("the environment says whether the first failure ends all, and whether anything is asked", () => {
  expect(apart("up -r", { PULUMI_CONTINUE_ON_ERROR: "false" })).toBeUndefined();
  expect(apart("up -r --continue-on-error", {})).toBeDefined();
  expect(apart("up -r", { ...GOING, PULUMI_SKIP_CONFIRMATIONS: "1" })?.[2]).toBe(true);
});

const REFRESH = "refresh --yes --skip-preview";
const LOOK = "refresh --preview-only";

/** @param codes of the engine, one a command. @param answer of somebody at the terminal; left out: there is nobody */
async function ran(line: string, codes: readonly number[], answer?: boolean) {
  const commands: string[] = [];
  const said: string[] = [];
  const person: Person | undefined =
    answer === undefined
      ? undefined
      : { secret: () => Promise.reject(new Error("asked")), agrees: () => Promise.resolve(answer) };
  const code = await runRefreshFirst(words(line), {
    env: GOING,
    person,
    say: (text) => said.push(text),
    run: (args) => Promise.resolve(codes[commands.push(args.join(" ")) - 1] ?? -1),
  });
  return { code, commands, said: said.length };
}

const UP = "up --refresh=false";

test.each([
  ["all is well", [0, 0], 0, [REFRESH, `${UP} --yes`], 0],
  ["something could not be looked at", [1, 0], 1, [REFRESH, `${UP} --yes`], 2],
  ["something could not be done", [0, 1], 1, [REFRESH, `${UP} --yes`], 0],
  ["the engine did not begin", [6], 6, [REFRESH], 0],
])("without a question, where %s", async (_, codes, code, commands, said) => {
  expect(await ran("up --refresh --yes", codes)).toEqual({ code, commands, said });
});

test.each([
  ["can be looked at, the engine's own command asks", [0, 0], true, 0, [LOOK, "up --refresh"]],
  ["can't, and goes on", [1, 1, 0], true, 1, [LOOK, REFRESH, UP]],
  ["can't, and does not go on", [1], false, 1, [LOOK]],
  ["can't, and nobody is there: the engine says what it needs", [1], undefined, 1, ["up --refresh"]],
])("with a question, where all %s", async (_, codes, answer, code, commands) => {
  expect(await ran("up --refresh", codes, answer)).toMatchObject({ code, commands });
});

test("what a person interrupts is followed by nothing", async () => {
  const run = (): Promise<number> => {
    process.emit("SIGINT");
    return Promise.resolve(1);
  };
  // So that it ends no test.
  const keep = (): void => undefined;
  process.on("SIGINT", keep);
  const code = await runRefreshFirst(words("up -r --yes"), { run, env: GOING, say: () => undefined });
  process.off("SIGINT", keep);
  expect(code).toBe(8);
});
