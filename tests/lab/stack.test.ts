/** The configuration copy of a stack on one machine. No engine. */
import { parse } from "yaml";
import { renderConfig } from "../../lab/stack";

test("the copy has this run's values, the salt of the former copy, and the comments of the file", () => {
  const file = "# the lab\nconfig:\n  a:b:\n    endpoint: old # here\n    user: x\n";
  const copy = renderConfig(file, [[["config", "a:b", "endpoint"], "new"]], "encryptionsalt: v1:salt\nconfig: {}\n");
  expect(parse(copy)).toEqual({ config: { "a:b": { endpoint: "new", user: "x" } }, encryptionsalt: "v1:salt" });
  expect(copy).toContain("# the lab");
});
