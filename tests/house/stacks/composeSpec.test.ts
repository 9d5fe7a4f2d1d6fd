/** A Compose file that Compose wouldn't take is refused with the place, the value, the rule and the fix. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { ownSpec, stackFolders } from "../../../components/stackFolders";
import { projectRoot } from "../../support/shared";
import { edited, folder, said, type Change } from "./support";

const FILE = "stacks/films/docker-compose.yml";
const REFERENCE = "write it as Compose's reference has it";
const said1 = (...changes: readonly Change[]) => said(folder({ "docker-compose.yml": edited(...changes) }));

const linter = require.resolve("dclint/package.json");
const schema = readFileSync(join(projectRoot, "schemas/compose.schema.json"), "utf8");

test("the schema that the project brings along is the linter's: run `npm run schema` after an update of that", () => {
  expect(schema).toBe(readFileSync(join(dirname(linter), "schemas/compose.schema.json"), "utf8"));
});

type Data = Readonly<Record<string, unknown>>;

/** The data with one key called otherwise, or with another value, for each key in it. */
function broken(data: unknown, put: (whole: unknown) => unknown = (whole) => whole): unknown[] {
  if (typeof data !== "object" || data === null) return [];
  if (Array.isArray(data)) return data.flatMap((item, at) => broken(item, (own) => put(data.with(at, own))));
  return Object.entries(data).flatMap(([key, value]) => {
    const { [key]: _, ...rest } = data as Data;
    const others = [
      { ...rest, [`${key}x`]: value as unknown },
      { ...data, [key]: 5 },
      { ...data, [key]: [{}] },
    ];
    return [...others.map(put), ...broken(value, (own) => put({ ...data, [key]: own }))];
  });
}

test("what it refuses is what the linter's own reading of the schema refuses", () => {
  // The linter's validator, which takes too long to get ready for a preview.
  const Ajv = createRequire(linter)("ajv") as new (options: object) => {
    compile(schema: unknown): (data: unknown) => boolean;
  };
  const { $schema, ...own } = JSON.parse(schema) as Data;
  const validate = new Ajv({ strict: false, strictSchema: false, allowUnionTypes: true, logger: false }).compile(own);
  const folders = stackFolders(join(projectRoot, "stacks"));
  const stacks = ["vpn", "paperless-ngx", "homepage"].map((name) => {
    const { "x-infinity": _, ...data } = parse(folders.read(name)?.files["docker-compose.yml"] ?? "") as Data;
    return data;
  });
  const verdicts = stacks.flatMap((stack) => broken(stack)).map((data) => [validate(data), data] as const);
  expect(verdicts.filter(([takes, data]) => (ownSpec()(data).length === 0) !== takes)).toEqual([]);
  expect(verdicts.filter(([takes]) => takes).length).toBeGreaterThan(50);
  expect(verdicts.filter(([takes]) => !takes).length).toBeGreaterThan(200);
});

test.each<[string, Change, string]>([
  [
    "a misspelt key",
    ["restart: unless-stopped", "restart: unless-stopped\n    restat: always"],
    "services.films.restat: Compose knows no such key - did you mean restart?",
  ],
  [
    "a misspelt key deep inside",
    ['test: ["CMD", "true"]', 'test: ["CMD", "true"]\n      intervall: 30s'],
    "services.films.healthcheck.intervall: Compose knows no such key - did you mean interval?",
  ],
  [
    "a misspelt key of a mount",
    ["create_host_path: false", "create_host_pat: false"],
    "services.films.volumes.1.bind.create_host_pat: Compose knows no such key - did you mean create_host_path?",
  ],
  [
    "a misspelt key at the top",
    ["services:", "netwroks: {}\nservices:"],
    "netwroks: Compose knows no such key - did you mean networks?",
  ],
  [
    "a key that is none at all",
    ["create_host_path: false", "create_host_path: false, zzzzzzzzz: 1"],
    "services.films.volumes.1.bind.zzzzzzzzz: Compose knows no such key - take it out, or use one of: propagation, create_host_path, recursive, selinux",
  ],
  [
    "a text where a list belongs",
    ['ports:\n      - "7878:80"', 'ports: "7878:80"'],
    `services.films.ports: 7878:80: must be a list - ${REFERENCE}`,
  ],
  [
    "a number where a text belongs",
    ["restart: unless-stopped", "restart: unless-stopped\n    hostname: 5"],
    `services.films.hostname: 5: must be a text - ${REFERENCE}`,
  ],
  [
    "a map where a text or a number belongs",
    ["restart: unless-stopped", "restart: unless-stopped\n    cpus: {}"],
    `services.films.cpus: must be a number or a text - ${REFERENCE}`,
  ],
  [
    "a word that Compose doesn't know",
    ["restart: unless-stopped", "restart: unless-stopped\n    depends_on: { b: { condition: service_healty } }"],
    "services.films.depends_on.b.condition: service_healty: must be one of service_started, service_healthy, service_completed_successfully - did you mean service_healthy?",
  ],
])("%s", (_, change, problem) => {
  expect(said1(change)).toEqual([`${FILE}: ${problem}`]);
});

test("a misspelt image is told with the image that is missing", () => {
  expect(said1(["image: example.org", "imag: example.org"])).toEqual([
    `${FILE}: services.films.image: has no image - name one, with its version`,
    `${FILE}: services.films.imag: Compose knows no such key - did you mean image?`,
  ]);
});

test("everything is told at once, and each thing once", () => {
  const changes: Change[] = [
    ["restart: unless-stopped", "restat: unless-stopped\n    hostname: 5"],
    ['ports:\n      - "7878:80"', "ports: 7"],
  ];
  expect(said1(...changes).map((line) => line.slice(FILE.length + 2))).toEqual([
    `services.films.hostname: 5: must be a text - ${REFERENCE}`,
    `services.films.ports: 7: must be a list - ${REFERENCE}`,
    "services.films.restat: Compose knows no such key - did you mean restart?",
  ]);
});

test("a value that may be a secret isn't told", () => {
  expect(said1(["API_KEY: ${API_KEY}", "API_KEY: [hunter2]"]).join()).not.toContain("hunter2");
});

test("extensions are everybody's own", () => {
  expect(said1(["restart: unless-stopped", "restart: unless-stopped\n    x-mine: { any: [thing] }"])).toEqual([]);
});

const EMPTY = "is empty - describe the stack, as docs/services.md shows";
const NONE =
  "services: there are none, and Compose deploys nothing without one - describe the stack's containers, as docs/services.md shows";

test.each([
  ["an empty file", "", `${FILE}: ${EMPTY}`],
  ["a file of comments", "# later\n", `${FILE}: ${EMPTY}`],
  ["a list", "- films\n", `${FILE}: is no map - begin it with name: NAME`],
])("%s is refused", (_, text, problem) => {
  expect(said(folder({ "docker-compose.yml": text, ".env.example": "" }))).toEqual([problem]);
});

test.each([
  ["no services", ""],
  ["services without any", "services:\n"],
  ["an empty map of services", "services: {}\n"],
])("%s is refused", (_, services) => {
  const text = `${edited().split("services:")[0] ?? ""}${services}`;
  expect(said(folder({ "docker-compose.yml": text }))).toEqual([`${FILE}: ${NONE}`]);
});
