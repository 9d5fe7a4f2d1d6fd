/** docs/services.md tells of every stack that the project brings along: what for, where, on which ports, from which images. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackFolders } from "../../components/stackFolders";
import { variantsOf } from "../../house/stacks/folder";
import { parseStack } from "../../house/stacks/parse";
import { HOUSE_WORDS } from "../../house/stacks/variables";
import { house, stackSections } from "../house/support";
import { projectRoot } from "../support/shared";
import { isBrought } from "./brought";

const text = readFileSync(join(projectRoot, "docs/services.md"), "utf8");
const folders = stackFolders(join(projectRoot, "stacks"));
const prod = house(stackSections("prod"));

/** Versions are not in it: they change from week to week. */
function row(name: string): string {
  const folder = folders.read(name);
  const all = [undefined, ...(folder ? variantsOf(folder) : [])].map((variant) => {
    const parsed = folder && parseStack(folder, variant);
    if (!parsed || !("stack" in parsed)) throw new Error(`${name} is broken`);
    return parsed.stack;
  });
  const vms = Object.entries(prod.vms).filter(([, { services }]) => services.some(({ stack }) => stack === name));
  const webs = all.flatMap(({ web }) => Object.entries(web)).map(([web, { port }]) => `${web} ${port}`);
  const images = all.flatMap(({ services }) => Object.values(services)).map(({ image }) => `\`${image.name}\``);
  const cells = [
    `[${name}](../stacks/${name}/docker-compose.yml)`,
    all[0]?.purpose ?? "",
    vms.map(([vm]) => vm).join(", ") || "none",
    [...new Set(webs)].join(", ") || "none",
    [...new Set(images)].join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

test("the table of the stacks is current", () => {
  const [, table = ""] = /\| stack \|.*\n\|[-|]+\n((?:\|.*\n)*)/.exec(text) ?? [];
  const rows = table.trimEnd().split("\n");
  // Somebody's own may have a row; then it is current, too.
  const told = folders.names.filter((name) => isBrought(name) || rows.some((one) => one.startsWith(`| [${name}]`)));
  expect(rows).toEqual(told.map(row));
});

test("every word that a variable may ask the house for is explained", () => {
  expect(HOUSE_WORDS.filter((word) => !text.includes(`\`${word}\``))).toEqual([]);
});

test("the service that it shows how to add keeps every rule", () => {
  const blocks = [...text.matchAll(/```(yaml|sh)\n(.*?)```/gs)].map(([, , body = ""]) => body.replace(/^ {3}/gm, ""));
  const [compose = "", example = ""] = blocks;
  const parsed = parseStack({ name: "films", files: { "docker-compose.yml": compose, ".env.example": example } });
  expect(parsed).toHaveProperty("stack");
});
