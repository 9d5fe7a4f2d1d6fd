/** Which lines of sshd's files let somebody in before the house's own, in sshd's order of reading. */
import { opens, sshdLines, SSHD_LINES, whyOpen } from "../../../providers/guest/sshdLines";

const OWN = "/etc/ssh/sshd_config.d/00-infinity-node.conf";
const HARD = { passwords: false, rootLogin: false };

/** As grep prints them. */
const printed = (files: Readonly<Record<string, string>>): string => {
  const pattern = new RegExp(SSHD_LINES[2] ?? "", "i");
  const lines = Object.entries(files).flatMap(([file, text]) =>
    text.split("\n").flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}:${line}`] : [])),
  );
  return lines.join("\n");
};

const INCLUDE = "Include /etc/ssh/sshd_config.d/*.conf\n";

test("files of the folder stand where they are included, by name; a block ends with its file, and what sshd leaves out is none", () => {
  const lines = sshdLines(
    printed({
      "/etc/ssh/sshd_config": `# PermitRootLogin yes\n${INCLUDE}  permitrootlogin="yes"\nMatch Group sudo\n\tPasswordAuthentication yes`,
      "/etc/ssh/sshd_config.d/50-b.conf": "Match User evan # ours\nPasswordAuthentication yes\n",
      "/etc/ssh/sshd_config.d/10-a.conf": "KbdInteractiveAuthentication no",
      "/etc/ssh/sshd_config.d/20.conf.bak": "PermitRootLogin yes",
      "/etc/ssh/sshd_config.d/more/x.conf": "PermitRootLogin yes",
    }),
  );
  expect(lines.map(({ file, line, name, value, match }) => [file.slice(9), line, name, value, match])).toEqual([
    ["sshd_config", 2, "include", "/etc/ssh/sshd_config.d/*.conf", undefined],
    ["sshd_config.d/10-a.conf", 1, "kbdinteractiveauthentication", "no", undefined],
    ["sshd_config.d/50-b.conf", 1, "match", "User evan # ours", "User evan # ours"],
    ["sshd_config.d/50-b.conf", 2, "passwordauthentication", "yes", "User evan # ours"],
    ["sshd_config", 3, "permitrootlogin", "yes", undefined],
    ["sshd_config", 4, "match", "Group sudo", "Group sudo"],
    ["sshd_config", 5, "passwordauthentication", "yes", "Group sudo"],
  ]);
});

test.each([
  ["passwordauthentication", "yes", HARD, "passwords"],
  ["passwordauthentication", "no", HARD, undefined],
  ["ChallengeResponseAuthentication".toLowerCase(), "Yes", HARD, "passwords"],
  ["passwordauthentication", "yes", { passwords: true }, undefined],
  ["permitrootlogin", "prohibit-password", HARD, "rootLogin"],
  ["permitrootlogin", "no", HARD, undefined],
  ["permitrootlogin", "yes", { rootLogin: true }, undefined],
  ["trustedusercakeys", "/etc/ssh/ca.pub", HARD, "otherKeys"],
  ["authorizedkeyscommand", "none", HARD, undefined],
  ["authorizedkeyscommand", "/usr/bin/tell-keys", { otherKeys: true }, undefined],
  ["match", "all", HARD, undefined],
] as const)("%s %s, wanted %j: opens %s", (name, value, wanted, what) => {
  expect(opens({ file: "/etc/ssh/sshd_config", line: 1, name, value }, wanted)).toBe(what);
});

test("the reason names what stands before the house's file, or that nobody reads it", () => {
  const told = (main: string, more: Readonly<Record<string, string>> = {}): string | undefined =>
    whyOpen(sshdLines(printed({ "/etc/ssh/sshd_config": main, [OWN]: "PermitRootLogin no", ...more })), OWN, HARD);
  expect(told(INCLUDE)).toBeUndefined();
  expect(told(`${INCLUDE}Match User evan\nPasswordAuthentication yes`)).toBeUndefined();
  expect(told("Match Address 10.0.0.0/8\nPermitRootLogin yes\n")).toBe(
    "/etc/ssh/sshd_config doesn't read /etc/ssh/sshd_config.d, where the house's settings are - on the guest, put as its " +
      "first line: Include /etc/ssh/sshd_config.d/*.conf",
  );
  expect(told(INCLUDE, { "/etc/ssh/sshd_config.d/00-a.conf": "Match User evan\nPasswordAuthentication yes" })).toBe(
    "sshd reads /etc/ssh/sshd_config.d/00-a.conf:2: passwordauthentication yes (in the block Match User evan) before the " +
      `house's ${OWN} - take that out on the guest, or put it behind the Include of /etc/ssh/sshd_config.d`,
  );
});
