/** Coreutils of a simulated guest, as far as the provider uses them, on the guest's folder. */
import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import { posix } from "node:path";
import { FileProblem, type LabFiles } from "../../ssh/files";
import { lines, operands, refused, said, type Context, type Program, type Result } from "../program";
import { find } from "./find";

const KIND_BITS = 0o170000;
const DIRECTORY = 0o040000;
const LINK = 0o120000;

const there = (files: LabFiles, path: string, follow: boolean) =>
  files.status(path, follow).then(
    (status) => status,
    () => undefined,
  );

const says = (error: unknown): string => {
  if (error instanceof FileProblem) return error.text;
  const { code } = error as NodeJS.ErrnoException;
  return code === "EISDIR"
    ? "Is a directory"
    : code === "ENOTEMPTY"
      ? "Directory not empty"
      : "No such file or directory";
};

/** Does something with each path; what fails is said, and the rest is done all the same. */
async function each(
  program: string,
  paths: readonly string[],
  act: (path: string) => Promise<string>,
): Promise<Result> {
  let [stdout, stderr] = ["", ""];
  for (const path of paths)
    try {
      stdout += await act(path);
    } catch (error) {
      stderr += `${program}: ${path}: ${says(error)}\n`;
    }
  return { exitCode: stderr === "" ? 0 : 1, stdout, stderr };
}

const read = async (files: LabFiles, path: string): Promise<Buffer> => {
  // What is mounted is not a file of the folder.
  await files.status(path, true);
  return fs.readFile(await files.real(path, true));
};

function nameOf(guest: Context["guest"], kind: "user" | "group", id: number): string {
  const all = kind === "user" ? Object.entries(guest.accounts) : Object.entries(guest.groups);
  const key = kind === "user" ? "uid" : "gid";
  return all.find(([, entry]) => (entry as unknown as Record<string, number>)[key] === id)?.[0] ?? "UNKNOWN";
}

const stat: Program = async (args, context) => {
  const { files, guest, run } = context;
  if (args[0] === "-f") return run(["statfs", args.at(-1) ?? ""]);
  const format = args[args.indexOf("-c") + 1] ?? "";
  const paths = operands(args.slice(args.indexOf("-c") + 2));
  if (format === "%n %i") {
    const [shown, lost] = [[] as string[], [] as string[]];
    for (const path of paths) {
      const pid = Number(/^\/proc\/(\d+)\/ns\/net$/.exec(path)?.[1]);
      const container = guest.containers.find((each) => each.pid === pid && each.status === "running");
      if (container) shown.push(`${path} ${container.namespace}`);
      else lost.push(`stat: cannot statx '${path}': No such file or directory`);
    }
    return { exitCode: lost.length > 0 ? 1 : 0, stdout: lines(shown), stderr: lines(lost) };
  }
  return each("stat: cannot statx", paths, async (path) => {
    const { mode, uid, gid, ctime } = await files.status(path, args[0] === "-L");
    const kind = mode & KIND_BITS;
    const words = kind === DIRECTORY ? "directory" : kind === LINK ? "symbolic link" : "regular file";
    const values: Record<string, string> = {
      "%a": (mode & 0o7777).toString(8),
      "%U": nameOf(guest, "user", uid),
      "%G": nameOf(guest, "group", gid),
      "%u": String(uid),
      "%g": String(gid),
      "%F": words,
      "%.3Z": ctime.toFixed(3),
      "%n": path,
    };
    return `${format.replace(/%(?:[aUGugFn]|\.3Z)/g, (letter) => values[letter] ?? letter)}\n`;
  });
};

const test: Program = async ([question, path = ""], { files }) => {
  const status = await there(files, path, question !== "-L");
  const kind = (status?.mode ?? 0) & KIND_BITS;
  const yes = question === "-e" ? status !== undefined : kind === (question === "-d" ? DIRECTORY : LINK);
  return { exitCode: yes ? 0 : 1, stdout: "", stderr: "" };
};

/** What mv and ln put in another's place: like rename(2), and whole folders with what is known of them. */
async function moved(files: LabFiles, from: string, to: string): Promise<void> {
  await files.status(from, false);
  await fs.rename(await files.real(from, false), await files.real(to, false));
  await files.moved(to, undefined);
  await files.moved(from, to);
}

const mv: Program = async (args, { files }) => {
  const rest = operands(args);
  if (rest[0] === "-fT") {
    const [, from = "", to = ""] = rest;
    return each("mv", [from], async () => {
      await moved(files, from, to);
      return "";
    });
  }
  if (rest[0] !== "-n" || rest[1] !== "-t") return undefined;
  const [, , folder = "", ...paths] = rest;
  return each("mv", paths, async (path) => {
    const to = posix.join(folder, posix.basename(path));
    if ((await there(files, to, false)) === undefined) await moved(files, path, to);
    return "";
  });
};

const ln: Program = async (args, { files }) => {
  const [options, target = "", path = ""] = operands(args);
  if (options !== "-sfn") return undefined;
  return each("ln", [path], async () => {
    const real = await files.real(path, false);
    await fs.rm(real, { force: true });
    await fs.symlink(target, real);
    return "";
  });
};

async function makeFolders(files: LabFiles, path: string): Promise<void> {
  const status = await there(files, path, true);
  if (status !== undefined) {
    if ((status.mode & KIND_BITS) !== DIRECTORY) throw new FileProblem("EEXIST");
    return;
  }
  await makeFolders(files, posix.dirname(path));
  await fs.mkdir(await files.real(path, false));
  await files.own(path, { mode: 0o755, uid: 0, gid: 0 });
}

const rm: Program = async (args, { files }) => {
  const [options, ...paths] = operands(args);
  if (options !== "-f" && options !== "-rf") return undefined;
  return each("rm: cannot remove", paths, async (path) => {
    const status = await there(files, path, false);
    if (status === undefined) return "";
    if ((status.mode & KIND_BITS) === DIRECTORY && options !== "-rf") throw new FileProblem("EISDIR");
    await fs.rm(await files.real(path, false), { recursive: options === "-rf", force: true });
    await files.moved(path, undefined);
    return "";
  });
};

const ls: Program = async (args, { files }) => {
  const paths = operands(args.slice(1));
  return each("ls: cannot access", paths, async (path) => {
    await files.status(path, true);
    const real = await files.real(path, true);
    const names = await fs.readdir(real);
    const timed = await Promise.all(
      names.map(async (name) => [name, (await fs.lstat(posix.join(real, name))).mtimeMs] as const),
    );
    const sorted = args[0] === "-1t" ? timed.sort(([, a], [, b]) => b - a) : timed;
    return lines(sorted.map(([name]) => name));
  });
};

export const filePrograms: Readonly<Record<string, Program>> = {
  find,
  stat,
  test,
  mv,
  ln,
  rm,
  ls,
  cat: (args, { files, run }) => {
    const paths = operands(args);
    return paths[0]?.startsWith("/proc/") === true
      ? run(["procfs", paths[0]])
      : each("cat", paths, async (path) => (await read(files, path)).toString("utf8"));
  },
  sha256sum: (args, { files }) =>
    each("sha256sum", operands(args), async (path) => {
      const sum = createHash("sha256")
        .update(await read(files, path))
        .digest("hex");
      return `${sum}  ${path}\n`;
    }),
  readlink: (args, { files }) =>
    each("readlink", operands(args), async (path) => `${await fs.readlink(await files.real(path, false))}\n`).then(
      (result) => ({
        ...result,
        stderr: "",
      }),
    ),
  mkdir: (args, { files }) =>
    each("mkdir", operands(args.slice(1)), async (path) => {
      await makeFolders(files, path);
      return "";
    }),
  rmdir: (args, { files }) =>
    each("rmdir: failed to remove", operands(args), async (path) => {
      await fs.rmdir(await files.real(path, false));
      await files.moved(path, undefined);
      return "";
    }),
  touch: (args, { files }) =>
    each("touch", operands(args), async (path) => {
      await fs.writeFile(await files.real(path, true), "", { flag: "a" });
      return "";
    }),
  chmod: ([mode = "", ...paths], { files }) =>
    each("chmod", operands(paths), async (path) => {
      await files.own(path, { mode: Number.parseInt(mode, 8) });
      return "";
    }),
  chown: ([owner = "", ...paths], { files, guest }) =>
    each("chown", operands(paths), async (path) => {
      const account = guest.accounts[owner.replace(/:$/, "")];
      if (account === undefined) throw new FileProblem("EINVAL");
      await files.own(path, { uid: account.uid, gid: account.gid });
      return "";
    }),
  grep: async ([option, text = "", path = "", folder = "", ...more], { run }) => {
    if (option === "-rsE" || option === "-rsnE" || option === "-rsniE") {
      const names = (await run(["ls", "-A", "--", folder])).stdout.split("\n").filter((name) => name !== "");
      const paths = [path, ...names.map((name) => `${folder}/${name}`)];
      const texts = await Promise.all(
        paths.map(async (each) => [each, (await run(["cat", "--", each])).stdout] as const),
      );
      const hits = texts.flatMap(([each, all]) =>
        all.split("\n").flatMap((line, at) => {
          const where = option === "-rsE" ? each : `${each}:${at + 1}`;
          return new RegExp(text, option === "-rsniE" ? "i" : "").test(line) ? [`${where}:${line}`] : [];
        }),
      );
      return { ...said(lines(hits)), exitCode: hits.length > 0 ? 0 : 1 };
    }
    if (option === "-HsE") {
      const paths = [path, folder, ...more].filter((each) => each !== "");
      const all = await Promise.all(
        paths.map(async (each) => [each, (await run(["cat", "--", each])).stdout] as const),
      );
      const found = all.flatMap(([each, shown]) =>
        shown
          .split("\n")
          .filter((line) => new RegExp(text).test(line))
          .map((line) => `${each}:${line}`),
      );
      return { ...said(lines(found)), exitCode: found.length > 0 ? 0 : 1 };
    }
    if (option !== "-F") return undefined;
    const { stdout, exitCode, stderr } = await run(["cat", path]);
    if (exitCode !== 0) return refused(stderr.trimEnd(), 2);
    const found = stdout.split("\n").filter((line) => line.includes(text));
    return { ...said(lines(found)), exitCode: found.length > 0 ? 0 : 1 };
  },
};
