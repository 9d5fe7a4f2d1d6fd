/** Another source of packages: its key is compared before apt hears of it, and what somebody set up already stays. */
import { dockerSourceArgs } from "../../../components/guestArgs";
import { fingerprints } from "../../../providers/guest/openpgp";
import { aptSourceKind } from "../../../providers/guest/kinds/aptSource";
import { packagesKind } from "../../../providers/guest/kinds/packages";
import { LOOK, openGuest, resourceOf, type TestGuest } from "./guest";
import { KEY, PRINTS } from "./signingKey";

const SPEC = {
  name: "docker",
  uri: "https://packages.example/{system}",
  components: ["stable"],
  fingerprints: PRINTS,
  keyUri: "https://packages.example/{system}/gpg",
};
const KEY_URI = "https://packages.example/debian/gpg";
const KEYRING = "/etc/apt/keyrings/docker.asc";
const LIST = "/etc/apt/sources.list.d/docker.sources";

test("fingerprints are those that gpg prints, of subkeys too", () => {
  expect(fingerprints(KEY)).toEqual(PRINTS);
  expect(fingerprints(KEY.replaceAll("\n", "\r\n"))).toEqual(PRINTS);
});

test.each([
  ["nothing", ""],
  ["a page that says so", "<html>Not found</html>"],
  ["half a key", KEY.replace(/\nLEMU[\s\S]*\n=2gP6/, "")],
])("no key is read from %s", (_, text) => {
  expect(() => fingerprints(text)).toThrow();
});

test("Docker's own packages come from Docker, by the key whose fingerprint its documentation names", () => {
  const guest = { address: "10.0.0.2", user: "evan", docker: { packages: "docker" } } as const;
  expect(dockerSourceArgs(guest)).toMatchObject({
    uri: "https://download.docker.com/linux/{system}",
    fingerprints: ["9DC858229FC7DD38854AE2D88D81803C0EBFCD88", expect.any(String)],
  });
  expect(dockerSourceArgs({ ...guest, docker: { packages: ["docker.io"] } })).toBeUndefined();
});

describe("on a guest", () => {
  let guest: TestGuest;
  beforeEach(async () => {
    guest = await openGuest();
    guest.state.downloads = { [KEY_URI]: KEY };
  });
  afterEach(async () => {
    const unknown = await guest.end();
    expect(unknown).toEqual([]);
  });

  const hand = async (...command: string[]): Promise<string> => (await guest.by(command)).stdout;
  const write = (path: string, content: string): Promise<void> =>
    guest.host.writeFile(path, content, { sudo: true, owner: "root:root" });

  test("its key is fetched and compared, and packages come from it; edits by hand are put back", async () => {
    const source = resourceOf(guest, aptSourceKind);
    const packages = resourceOf(guest, packagesKind);
    await expect(packages.create({ set: "house", names: ["docker-ce"] })).rejects.toThrow("no installation candidate");
    const state = await source.create(SPEC);
    expect(await hand("cat", "--", LIST)).toBe(
      `# Written by infinity-node: changes here are undone.\nTypes: deb\nURIs: https://packages.example/debian\nSuites: bookworm\nComponents: stable\nArchitectures: amd64\nSigned-By: ${KEYRING}\n`,
    );
    expect(await hand("stat", "-L", "-c", "%a %U", "--", KEYRING)).toBe("644 root\n");
    await packages.create({ set: "house", names: ["docker-ce"] });
    expect(await source.read(state)).toEqual(state);
    guest.sent();
    await source.update(state, SPEC);
    expect(guest.sent()).toEqual([LOOK]);

    await write(LIST, "Types: deb\nURIs: https://packages.example/debian\nTrusted: yes\n");
    expect(await source.read(state)).toEqual({ ...state, listed: false });
    await write(KEYRING, "other");
    expect(await source.read(state)).toEqual({ ...state, listed: false, trusted: false });
    await source.update(state, SPEC);
    expect(await source.read(state)).toEqual(state);
  });

  test("a key of another fingerprint, or with one more in it, never becomes apt's", async () => {
    const source = resourceOf(guest, aptSourceKind);
    const [primary = ""] = PRINTS;
    for (const wanted of [[primary], ["0".repeat(40)]]) {
      const made = source.create({ ...SPEC, fingerprints: wanted });
      await expect(made).rejects.toThrow(
        new RegExp(`what ${KEY_URI} gave is not the key that the house trusts: its fingerprints are ${primary}`),
      );
    }
    guest.state.downloads = {};
    await expect(source.create(SPEC)).rejects.toThrow(/Failed to fetch/);
    expect(await hand("ls", "-A", "--", "/etc/apt/keyrings", "/etc/apt/sources.list.d")).toBe("");
  });

  test("a key that the house has itself is compared in the preview, and nothing is fetched", async () => {
    const source = resourceOf(guest, aptSourceKind);
    expect(() => source.checked({ ...SPEC, key: KEY.replace("mDMEawdIORY", "mDMEawdIORZ") })).toThrow(
      /"property":"key"/,
    );
    guest.state.downloads = {};
    const state = await source.create({ ...SPEC, key: KEY });
    expect(await source.read(state)).toEqual(state);
  });

  test("where apt has the address in somebody's own file, that stays, and no second one is made", async () => {
    const source = resourceOf(guest, aptSourceKind);
    const line = "deb [signed-by=/etc/apt/keyrings/docker.gpg] https://packages.example/debian bookworm stable\n";
    await write("/etc/apt/sources.list.d/mine.list", `# ${line}`);
    expect(await source.read(source.checked(SPEC))).toBeUndefined();
    await write("/etc/apt/sources.list.d/mine.list", line);
    guest.sent();
    const state = await source.create(SPEC);
    expect(guest.sent()).toEqual([LOOK]);
    expect(await source.read(state)).toEqual(state);
  });

  test("is refused on another system than Debian and Ubuntu", async () => {
    await write("/etc/os-release", 'PRETTY_NAME="Alpine Linux v3.22"\nID=alpine\n');
    await expect(resourceOf(guest, aptSourceKind).create(SPEC)).rejects.toThrow("the guest is Alpine Linux v3.22");
  });
});
