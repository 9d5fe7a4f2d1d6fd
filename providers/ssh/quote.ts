/** Commands as lists of arguments, for the shell that sshd hands them to. Pure. */

/** What no POSIX shell takes for anything but itself, wherever it stands. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/;

/**
 * One argument in the words of a POSIX shell (sh, dash, bash, zsh), and of fish: within quotes that one takes a backslash
 * before a quote or another backslash for more than itself, so those stand outside.
 * @throws Error where it holds a NUL, which no argument can.
 */
export function quote(argument: string): string {
  if (argument.includes("\0")) throw new Error(`${JSON.stringify(argument)}: no argument can hold a NUL character`);
  if (PLAIN.test(argument)) return argument;
  return `'${argument.replace(/'|\\(?=['\\]|$)/g, (character) => `'\\${character}'`)}'`;
}

/**
 * @param args program and arguments, each passed on exactly as it is.
 * @throws Error for an empty list, or a NUL in it.
 */
export function commandLine(args: readonly string[]): string {
  if (args.length === 0) throw new Error("a command has a program at least");
  return args.map(quote).join(" ");
}

/** The text without these secrets, as they are and as they stand quoted in a command. */
export function masked(text: string, secrets: readonly string[] = []): string {
  const forms = secrets.filter((secret) => secret !== "").flatMap((secret) => [quote(secret), secret]);
  // The longest first: a secret may be the beginning of another.
  return forms.sort((a, b) => b.length - a.length).reduce((rest, form) => rest.replaceAll(form, "[secret]"), text);
}
