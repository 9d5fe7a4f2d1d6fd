/** A guest's programs for scripts that are run for real: short shell scripts in a folder that PATH begins with. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class FakePrograms {
  readonly dir = mkdtempSync(join(tmpdir(), "infinity-programs-"));

  /** @param script what it does; `$HERE` is this folder. */
  program(name: string, script: string): void {
    this.file(`bin/${name}`, `#!/bin/sh\nHERE='${this.dir}'\n${script}\n`);
    chmodSync(join(this.dir, "bin", name), 0o755);
  }

  /** @param path below this folder. */
  file(path: string, text: string): string {
    const at = join(this.dir, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
    return at;
  }

  gone(path: string): void {
    rmSync(join(this.dir, path), { recursive: true, force: true });
  }

  /** Lines of what the programs wrote down there. */
  lines(path: string): string[] {
    const at = join(this.dir, path);
    return existsSync(at) ? readFileSync(at, "utf8").split("\n").slice(0, -1) : [];
  }

  /** Those of this machine stand behind the fakes. */
  get environment(): Record<string, string> {
    return { PATH: `${join(this.dir, "bin")}:/usr/sbin:/usr/bin:/sbin:/bin` };
  }

  /** @param args of a POSIX shell: `-c`, a script, its own name and its arguments. */
  sh(args: readonly string[]): Ran {
    const { status, stdout, stderr } = spawnSync("sh", args, { encoding: "utf8", env: this.environment });
    return { status, stdout, stderr };
  }

  end(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
