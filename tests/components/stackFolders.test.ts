/** What the folders of stacks/ hold: texts, and of a file that its text doesn't tell all of a mark that does. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFolders } from "../../components/stackFolders";
import { digestOf } from "../../providers/compose/digest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "infinity-stacks-"));
  mkdirSync(join(root, "films/config"), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (path: string, content: string | Buffer, mode = 0o644): void => {
  writeFileSync(join(root, "films", path), content);
  chmodSync(join(root, "films", path), mode);
};
const read = () => stackFolders(root).read("films");

test("texts are text, whatever they may do, and need no mark", () => {
  write("docker-compose.yml", "name: films\n", 0o755);
  write("config/motd", "h\u00e4llo \u{1f3ac}\n");
  write(".env", "SECRET=x\n");
  expect(read()).toEqual({
    name: "films",
    files: { "docker-compose.yml": "name: films\n", "config/motd": "h\u00e4llo \u{1f3ac}\n" },
    marks: {},
  });
});

test("a script that may be run, and files that are no text, are told by their bytes", () => {
  const [script, binary] = ["#!/bin/sh\necho hi\n", Buffer.from([0xff, 0xfe, 0x00, 0xc3])];
  write("run.sh", script, 0o755);
  write("quiet.sh", script);
  write("logo.png", binary);
  write("tool", binary, 0o755);
  expect(read()?.marks).toEqual({
    "run.sh": digestOf(script, true),
    "logo.png": digestOf(binary, false),
    tool: digestOf(binary, true),
  });
});
