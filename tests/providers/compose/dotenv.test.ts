/** `.env` files: every value comes back as it was. */
import fc from "fast-check";
import { othersIn, parseDotenv, printDotenv } from "../../../providers/compose/dotenv";

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

test("a quote that is escaped ends no value in single quotes, and a bare name has none", () => {
  expect(parseDotenv("A='it\\'s'\nBARE\nexport OTHER\r\nB='a\\\\' # c\nC=1")).toEqual({
    A: "it's",
    B: "a\\\\",
    C: "1",
  });
});

test("variables of the guest's own stay as they are written, and no others", () => {
  const lines = ["MEDIA=${ROOT}/x", "export Q='it\\'s $1'", "BARE", 'LONG="a\nTZ=b"', "D: x # why"];
  const text = ["# comment", "TZ=UTC", ...lines, "HOUSE='x'", "COMPOSE_FILE=a.yml"].join("\n");
  expect(othersIn(text, new Set(["TZ", "HOUSE", "COMPOSE_FILE"]))).toEqual(lines);
});

test("what stays is the same when it is read again", () => {
  const named = fc.uniqueArray(name, { maxLength: 3 });
  fc.assert(
    fc.property(fc.dictionary(name, value, { noNullPrototype: true }), named, (variables, names) => {
      const lines = othersIn(printDotenv(variables), new Set(names));
      const text = lines.map((line) => `${line}\n`).join("");
      expect(othersIn(text, new Set())).toEqual(lines);
      const others = Object.entries(variables).filter(([key]) => !names.includes(key));
      expect(parseDotenv(text)).toEqual(Object.fromEntries(others));
    }),
  );
});
