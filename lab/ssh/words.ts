/** A command line back into its arguments, for the lab: words and quotes as a POSIX shell reads them, and no shell's work. Pure. */

/** What a shell would act on; the lab has none. */
const ACTIVE = /[$`;&|<>(){}*?[\]~#!\n]/;

/** @returns `undefined` where the line asks for more of a shell than words: variables, pipes, patterns. */
export function words(line: string): string[] | undefined {
  const found: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === " " || char === "\t") {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else if (char === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) return undefined;
      word = (word ?? "") + line.slice(at + 1, end);
      at = end;
    } else if (char === "\\" && at + 1 < line.length) {
      word = (word ?? "") + line.charAt(at + 1);
      at += 1;
    } else if (ACTIVE.test(char) || char === '"') return undefined;
    else word = (word ?? "") + char;
  }
  return word === undefined ? found : [...found, word];
}
