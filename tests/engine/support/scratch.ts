/** Scratch folders for the engine's tests, with little programs in place of real ones. Writes below the system's temp folder. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../../support/shared";

/** Runs `use` with an empty folder that is gone afterwards. */
export async function withScratch(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "infinity-engine-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A shell script; not executable where `mode` says so. */
export function script(file: string, body: string, mode = 0o755): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, mode);
}

/** A folder that looks like an engine's `bin/`. */
export function fakeEngine(bin: string, version: string, without?: string): void {
  for (const name of ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]) {
    if (name !== without) script(join(bin, name), "exit 0");
  }
  script(join(bin, "pulumi"), `echo ${version}`);
}

/**
 * In place of the compiler, which takes seconds: emits what changed since its last run (that is what the real one's
 * .tsbuildinfo does), also from sources that don't check, and fails where a string is given a number.
 */
const COMPILER = `
const fs = require("fs"), path = require("path");
const memory = "bin/.tsbuildinfo";
const known = fs.existsSync(memory) ? JSON.parse(fs.readFileSync(memory, "utf8")) : {};
const folders = ["", "tests/", "engine/", "cli/", "providers/"];
const sources = folders.flatMap((f) => fs.readdirSync("./" + f).filter((n) => n.endsWith(".ts")).map((n) => f + n));
for (const name of sources) {
  const text = fs.readFileSync(name, "utf8");
  if (/string = \\d/.test(text)) { console.log(name + "(1,14): error TS2322"); process.exitCode = 2; }
  if (known[name] === text) continue;
  known[name] = text;
  const output = "bin/" + name.replace(/ts$/, "js");
  fs.mkdirSync(path.dirname(output), { recursive: true });
  fs.writeFileSync(output, text.replace(/import (.*) from (.*);/, "const $1 = require($2);").replace(/export const (\\w+)(: string)?/, "exports.$1"));
  fs.writeFileSync(output + ".map", "{}");
}
fs.writeFileSync(memory, JSON.stringify(known));
`;

/** A checkout of two sources with this project's own set-up scripts; compiler and SDK are stand-ins that take no time. */
export function tinyCheckout(folder: string): void {
  for (const name of ["tests", "cli"]) mkdirSync(join(folder, name));
  for (const name of ["build", "dependencies", "lock", "program", "provider", "setup", "stamp"]) {
    cpSync(join(projectRoot, `engine/${name}.cjs`), join(folder, `engine/${name}.cjs`));
  }
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  write("tsconfig.json", "{}");
  write("package.json", JSON.stringify({ name: "tiny", type: "commonjs", main: "engine/program.cjs" }));
  write("package-lock.json", JSON.stringify({ lockfileVersion: 3, packages: {} }));
  write("index.ts", `import { word } from "./word";\nexport const said = word;\n`);
  write("word.ts", `export const word: string = "first";\n`);
  // What the provider's entry asks for; here no engine is watched.
  write("providers/engineWatch.ts", "export const engineOf = () => undefined;\n");
  write("node_modules/.package-lock.json", JSON.stringify({ lockfileVersion: 3, packages: {} }));
  write("node_modules/typescript/bin/tsc", COMPILER);
  write("node_modules/@pulumi/pulumi/index.js", "exports.RunError = class RunError extends Error {};");
}
