/** Puts the files of a release on its guest: those that are not there already. No release counts before all of it is there. */
import { ask } from "../guest/bulk";
import type { Host } from "../ssh/host";
import type { ComposeStackInputs } from "./args";
import { isExecutable, sha256 } from "./digest";
import { ENV_FILE, labelsFile, LABELS_FILE } from "./release";

/** Text of each of its files, by path. */
export type Contents = Readonly<Record<string, string | Buffer>>;

type Upload = readonly [path: string, content: string | Buffer, mode: number];

/** Those that the folder doesn't have as they are to be: a repair writes nothing, and needs no room. */
async function lacking(host: Host, folder: string, files: readonly Upload[]): Promise<readonly Upload[]> {
  const paths = files.map(([path]) => `${folder}/${path}`);
  const [sums, modes] = await ask(host, [
    ["sha256sum", "--", ...paths],
    ["stat", "-c", "%a %U %G %n", "--", ...paths],
  ]);
  const lines = new Set([sums, modes].flatMap((answer) => (answer?.stdout ?? "").split("\n")));
  return files.filter(([path, content, mode]) => {
    const at = `${folder}/${path}`;
    return !lines.has(`${sha256(content)}  ${at}`) || !lines.has(`${mode.toString(8)} root root ${at}`);
  });
}

/** A release's folder with all of its files. @param anew whether nothing of it is known to be there. */
export async function upload(
  host: Host,
  folder: string,
  stack: ComposeStackInputs,
  { contents, dotenv, anew }: { readonly contents: Contents; readonly dotenv: string; readonly anew: boolean },
): Promise<void> {
  const labels = labelsFile(stack);
  const all: Upload[] = [
    ...Object.entries(contents).map(([path, content]): Upload => [
      path,
      content,
      isExecutable(stack.files[path] ?? "") ? 0o755 : 0o644,
    ]),
    ...(labels === undefined ? [] : [[LABELS_FILE, labels, 0o644] as const]),
    [ENV_FILE, dotenv, 0o600],
  ];
  const files = anew ? all : await lacking(host, folder, all);
  const folders = new Set(files.map(([path]) => `${folder}/${path}`.split("/").slice(0, -1).join("/")));
  // At once: each is a round trip, and no release counts before all of it is there.
  await Promise.all(
    [...folders].map((path) => host.makeDirectory(path, { sudo: true, mode: 0o755, owner: "root:root" })),
  );
  await Promise.all(
    files.map(([path, content, mode]) =>
      host.writeFile(`${folder}/${path}`, content, { sudo: true, mode, owner: "root:root" }),
    ),
  );
}
