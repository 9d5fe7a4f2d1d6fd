/** Which stack a command is about, and where its files are. */
import { homedir } from "node:os";
import { backendFolder, namedStack, placeOf } from "../../../engine/recover/fileBackend";
import { projectRoot } from "../../support/shared";

test.each([
  ["file:///home/you/state?metadata=skip", "/home/you/state"],
  ["file:///home/you/my%20state", "/home/you/my state"],
  ["file://~", homedir()],
  ["file://~/state", `${homedir()}/state`],
  ["file://./state", "/checkout/state"],
  ["https://api.pulumi.com", undefined],
  ["s3://bucket", undefined],
])("%s is %s", (url, folder) => {
  expect(backendFolder(url, "/checkout")).toBe(folder);
});

test.each([
  [["up", "--stack", "home"], "home"],
  [["up", "-s", "home", "--yes"], "home"],
  [["up", "--stack=organization/infinity-node/home"], "home"],
  [["up", "--stack-trace"], undefined],
  [["up"], undefined],
])("%j is about %s", (args, stack) => {
  expect(namedStack(args)).toBe(stack);
});

describe("the place", () => {
  const ask = (url: string, selected?: string) => (args: readonly string[]) =>
    Promise.resolve(
      args[0] === "whoami"
        ? { code: 0, stdout: JSON.stringify({ user: "you", url }), stderr: "" }
        : { code: selected === undefined ? 255 : 0, stdout: `${selected ?? ""}\n`, stderr: "" },
    );
  const place = (args: string[], answers: ReturnType<typeof ask>, env: NodeJS.ProcessEnv = {}) =>
    placeOf(args, projectRoot, answers, env);
  const found = (stack: string) => ({ backend: "/state", project: "infinity-node", stack });

  test("is that of the stack named, in the environment or selected, in this order", async () => {
    const answers = ask("file:///state", "selected");
    expect(await place(["up", "-s", "named"], answers, { PULUMI_STACK: "given" })).toEqual(found("named"));
    expect(await place(["up"], answers, { PULUMI_STACK: "given" })).toEqual(found("given"));
    expect(await place(["up"], answers)).toEqual(found("selected"));
  });

  test("is not known without a stack, elsewhere than in a file, and for another folder", async () => {
    expect(await place(["up"], ask("file:///state"))).toBeUndefined();
    expect(await place(["up", "-s", "home"], ask("https://api.pulumi.com"))).toBeUndefined();
    expect(await place(["up", "-s", "home", "--cwd", "/else"], ask("file:///state"))).toBeUndefined();
  });
});
