import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { words } from "../../../lab/ssh/words";
import { commandLine, masked, quote } from "../../../providers/ssh/quote";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom(...Array.from("'\"\\$`;&|<>(){}[]*?~#!=-\n\t \r%{é😀")) }),
  fc.constantFrom("", "-n", "--", "~", "~root", "$HOME", "$(id)", "`id`", "a'b", "'", "\\", "!!", "{a,b}", "x=y", "#"),
);
const argument = hostile.filter((text) => !text.includes("\0") && Buffer.from(text).toString() === text);
const args = fc.array(argument, { maxLength: 8 });

describe("commandLine", () => {
  it.each(["sh", "bash", "zsh", "fish"])("hands every argument to %s exactly as it is", (shell) => {
    if (spawnSync(shell, ["-c", "true"]).status !== 0) {
      console.warn(`${shell} is not here: not tested`);
      return;
    }
    fc.assert(
      fc.property(args, (given) => {
        const line = commandLine(["printf", "%s\\0", "first", ...given]);
        const { stdout, stderr } = spawnSync(shell, ["-c", line], { encoding: "utf8" });
        expect(stderr).toBe("");
        expect(stdout.split("\0").slice(0, -1)).toEqual(["first", ...given]);
      }),
      { numRuns: 60 },
    );
  });

  it("is what the lab's hosts read back", () => {
    fc.assert(
      fc.property(args, (given) => {
        expect(words(commandLine(["run", ...given]))).toEqual(["run", ...given]);
      }),
    );
  });

  it("leaves plain words as they are", () => {
    expect(commandLine(["qm", "set", "101", "--scsi1", "/dev/disk/by-id/ata-X,backup=0"])).toBe(
      "qm set 101 --scsi1 /dev/disk/by-id/ata-X,backup=0",
    );
  });

  it("refuses what no argument can be", () => {
    expect(() => quote("a\0b")).toThrow("NUL");
    expect(() => commandLine([])).toThrow("program");
  });
});

describe("masked", () => {
  it("hides a secret as it is and as it stands quoted", () => {
    const secret = "it's a secret";
    const line = commandLine(["set", secret]);
    expect(masked(`${line}: ${secret}`, [secret, ""])).toBe("set [secret]: [secret]");
  });

  it("hides the longer of two that begin alike", () => {
    expect(masked("abcdef abc", ["abc", "abcdef"])).toBe("[secret] [secret]");
  });
});

describe("words", () => {
  it.each(["echo $HOME", "a; b", "a | b", "ls *", 'echo "x"', "a 'b", "cat < x", "a\nb", "echo `id`", "a &"])(
    "is no shell: %s",
    (line) => {
      expect(words(line)).toBeUndefined();
    },
  );
});
