/** What the provider's script tells of a user's key files, on a simulated guest. Reads files. */
import type { Context, Result } from "../program";
import { said } from "../program";

export async function keyFilesOf(user: string, connection: string, { guest, run }: Context): Promise<Result> {
  const { home, uid } = guest.accounts[user] ?? { home: `/home/${user}`, uid: "" };
  const shown = async (path: string): Promise<string> =>
    (await run(["stat", "-L", "-c", "- %a %u %g %n", "--", path])).stdout;
  const { stdout } = await run(["/usr/sbin/sshd", "-T", "-C", connection]);
  const named = (/^authorizedkeysfile (.*)$/m.exec(stdout)?.[1] ?? "").split(" ").filter((name) => name !== "none");
  const others = [".ssh/authorized_keys", ".ssh/authorized_keys2"];
  const all = [...named.map((name) => ["@", name] as const), ...others.map((name) => ["+", name] as const)];
  let text = (await shown(home)) + (await shown(`${home}/.ssh`));
  for (const [place, name] of all) {
    const own = !name.startsWith("/") || /%[huU]/.test(name);
    const expanded = name.replaceAll("%h", home).replaceAll("%u", user).replaceAll("%U", String(uid));
    const path = expanded.startsWith("/") ? expanded : `${home}/${expanded}`;
    const content = await run(["cat", "--", path]);
    const there = content.exitCode === 0 ? `${content.stdout.replace(/^(?=.)/gm, "= ")}\n` : "";
    text += `${own ? place : "*"} ${path}\n${await shown(path)}${there}`;
  }
  return said(text);
}
