/** `.env` files: every value comes back as it was. */
import fc from "fast-check";
import { mergedEnv, parseDotenv, printDotenv } from "../../../providers/compose/dotenv";

const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "#", " ", "\n", "\r", "=", "a", "`", "{", "}") }),
);

test("what is printed is read as it was", () => {
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), (variables) => {
      expect(parseDotenv(printDotenv(variables))).toEqual(variables);
    }),
  );
});

test("files that people wrote are read as Compose reads them", () => {
  const text = [
    "# comment",
    "A=1 # one",
    "export B = 'two words'",
    'C="a\\nb \\$x"',
    "D=",
    "E=with#hash",
    "nonsense",
    "F: yaml",
  ].join("\n");
  expect(parseDotenv(text)).toEqual({ A: "1", B: "two words", C: "a\nb $x", D: "", E: "with#hash", F: "yaml" });
});

test("variables of the guest's own stay, and what the house dropped goes", () => {
  expect(mergedEnv({ OWN: "1", A: "old", B: "old" }, { A: "old", B: "old" }, { A: "new" })).toEqual({
    OWN: "1",
    A: "new",
  });
});

test("an empty variable that the guest's file has besides is none: as a text, some programs take it for a value", () => {
  expect(mergedEnv({ KEY: "", OWN: "1" }, {}, { SET: "" })).toEqual({ OWN: "1", SET: "" });
});
