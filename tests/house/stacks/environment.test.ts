/** Where the values of a stack's variables come from, and what is said of those that nobody gave. */
import { environmentOf, stackSecrets, type StackValues } from "../../../house/stacks/environment";
import { interpolate, usesIn } from "../../../house/stacks/interpolation";
import type { Place } from "../../../house/stacks/words";
import type { Sections } from "../../../house/load";
import { merge } from "../../../house/merge";
import { formatProblem } from "../../../values/problem";
import { house, small } from "../support";
import { edited, folder, stack } from "./support";

const HOUSE: Sections = {
  network: { cidr: "10.0.0.0/24", gateway: 1 },
  nas: { address: 3, export: "/volume1/house" },
  domain: "example.org",
  tunnel: { server: "198.51.100.1", endpoint: "way", exposed: { movies: "films" } },
  vms: {
    web: { address: 10, services: ["films", "newt"] },
    two: { vmid: 101, address: 11, services: [] },
    three: { vmid: 102, services: [] },
  },
};

/** A stack of one variable of a kind, used in a text of its Compose file or handed on. */
function asking(kind: string, example: string, how: "text" | "handed on" = "text") {
  const use = how === "text" ? "ASKED: x${ASKED}" : "ASKED:";
  const written = how === "handed on" && example === "" ? "# ASKED=" : `ASKED=${example}`;
  return stack(
    folder({
      "docker-compose.yml": edited(["API_KEY: ${API_KEY}", use]),
      ".env.example": `# Where. [setting]\nSTATE=/srv/films\n\n# NAS. [house library]\nLIBRARY=/mnt/nas\n\n# What is asked for. [${kind}]\n${written}\n`,
    }),
  );
}

function resolved(kind: string, example: string, more: Sections = {}, secrets: StackValues = {}) {
  const place: Place = { house: house(small(merge(HOUSE, more))), vm: "web", stack: asking(kind, example) };
  const { environment, problems } = environmentOf(place, secrets);
  return environment.ASKED ?? problems.map(formatProblem);
}

const plain = (value: string) => ({ value, secret: false });

describe("from the house", () => {
  test.each([
    ["timezone", "Etc/UTC", "Europe/Berlin"],
    ["uid", "1000", "1026"],
    ["gid", "1000", "100"],
    ["library", "/somewhere", "/mnt/house"],
    ["subnet", "192.168.86.0/24", "10.0.0.0/24"],
    ["tunnel", "https://x", "https://way.example.org"],
    ["url", "https://x", "https://movies.example.org"],
    ["hosts", "x", "10.0.0.10:7878,movies.example.org"],
  ])("%s", (word, example, value) => {
    const more = { timezone: "Europe/Berlin", nas: { mountPoint: "/mnt/house", owner: { uid: 1026, gid: 100 } } };
    expect(resolved(`house ${word}`, example, more)).toEqual(plain(value));
  });

  test.each([
    ["timezone", "Etc/UTC"],
    ["uid", "1000"],
    ["gid", "1000"],
  ])("%s that the house doesn't say is what the stack brings along", (word, example) => {
    expect(resolved(`house ${word}`, example)).toEqual(plain(example));
  });

  test("without a name outside, its address is on the LAN", () => {
    expect(resolved("house url", "https://x", { tunnel: { exposed: { movies: "newt" } } })).toEqual(
      plain("http://10.0.0.10:7878"),
    );
  });

  test("what the house can't know is said, not made up", () => {
    const place: Place = {
      house: house(small({ vms: { web: { services: ["films"] } } })),
      vm: "web",
      stack: asking("house url", "https://films.example.org"),
    };
    expect(environmentOf(place, {}).problems.map(formatProblem)).toEqual([
      "settings.films.ASKED: films on web needs the house's url, which isn't known - set infinity-node:settings.films.ASKED, or complete the house",
    ]);
  });

  test("a setting is stronger", () => {
    expect(resolved("house timezone", "Etc/UTC", { settings: { films: { ASKED: "Asia/Tokyo" } } })).toEqual(
      plain("Asia/Tokyo"),
    );
  });
});

describe("settings", () => {
  test("are what the stack brings along, unless the house says otherwise, for one VM or all", () => {
    expect(resolved("setting", "own")).toEqual(plain("own"));
    expect(resolved("setting", "own", { settings: { films: { ASKED: 7 } } })).toEqual(plain("7"));
    expect(resolved("setting", "own", { settings: { films: { ASKED: { web: "here" } } } })).toEqual(plain("here"));
    expect(resolved("setting", "own", { settings: { films: { ASKED: { two: "there" } } } })).toEqual(plain("own"));
  });

  test("that are required have to be given", () => {
    expect(resolved("setting required", "")).toEqual([
      "settings.films.ASKED: films on web needs it - set infinity-node:settings.films.ASKED, or complete the house",
    ]);
  });
});

describe("secrets", () => {
  test("are the house's, marked, and never the example's", () => {
    const secrets = { films: { ASKED: { web: "s3cret", two: "other" } } };
    expect(resolved("secret", "", {}, secrets)).toEqual({ value: "s3cret", secret: true });
  });

  test.each(["secret", "secret generate"])("are asked for by name where they are missing: %s", (kind) => {
    expect(resolved(kind, "")).toEqual([
      "secrets.films.ASKED: films on web needs it - set it: infinity pulumi config set --secret --path 'infinity-node:secrets.films.ASKED', with .web behind it if it is this VM's alone",
    ]);
  });

  test("are read in clear from what the engine hands the program, and not where they are still encrypted", () => {
    const sections = {
      secrets: { films: { A: "clear", B: { secure: "v1:x" }, C: { web: "here", two: { secure: "v1:y" } } } },
    };
    expect(stackSecrets(sections)).toEqual({ films: { A: "clear", B: {}, C: { web: "here", two: {} } } });
    expect(stackSecrets({})).toEqual({});
  });

  test("that are still encrypted are missing, not an empty text", () => {
    const secrets = stackSecrets({ secrets: { films: { ASKED: { secure: "v1:x" } } } });
    expect(resolved("secret", "", {}, secrets)).toHaveLength(1);
  });
});

test.each(["setting optional", "secret optional"])("%s: empty within a text, absent where it is handed on", (kind) => {
  const of = (how: "text" | "handed on") => {
    const place: Place = { house: house(small(HOUSE)), vm: "web", stack: asking(kind, "", how) };
    return environmentOf(place, {});
  };
  expect(of("text").environment.ASKED?.value).toBe("");
  expect(of("handed on").environment).not.toHaveProperty("ASKED");
  expect([...of("text").problems, ...of("handed on").problems]).toEqual([]);
});

test("variables in texts", () => {
  expect(usesIn("$A ${B} ${C:?} ${D:-x} ${E+y} $$F $$${G} $1")).toEqual([
    { name: "A", demanded: false, fallback: false },
    { name: "B", demanded: false, fallback: false },
    { name: "C", demanded: true, fallback: false },
    { name: "D", demanded: false, fallback: true },
    { name: "E", demanded: false, fallback: true },
    { name: "G", demanded: false, fallback: false },
  ]);
  expect(interpolate("${STATE:?}/x-$A-${NONE}-$$A", { STATE: "/srv", A: "a" })).toBe("/srv/x-a--$A");
});
