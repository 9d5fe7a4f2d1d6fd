/**
 * What is run on a host where file transfer can't do it: as root under `sudo`, and with owners by name. Constant texts for
 * `sh -c`, that take everything as arguments and contents from stdin. Pure.
 */

/**
 * Arguments: path, mode in octal, owner or nothing, bytes. A connection that ends in the middle looks like the end of the
 * file: the count tells. What a killed run left beside it is removed after an hour.
 */
export const WRITE_SCRIPT = `set -eu
umask 077
folder=\${1%/*}/ name=\${1##*/}
for old in "$folder.$name.infinity-"*; do
  [ -z "$(find "$old" -prune -mmin +60 2>/dev/null)" ] || rm -f "$old"
done
temp=$(mktemp "$folder.$name.infinity-XXXXXXXX")
trap 'rm -f "$temp"' EXIT
cat >"$temp"
[ "$(wc -c <"$temp")" -eq "$4" ] || { echo "not all of it arrived" >&2; exit 75; }
[ -z "$3" ] || chown "$3" "$temp"
chmod "$2" "$temp"
sync "$temp" 2>/dev/null || sync
mv -fT "$temp" "$1"
trap - EXIT`;

/** Arguments: path, mode in octal or nothing, owner or nothing. */
export const DIRECTORY_SCRIPT = `set -eu
mkdir -p "$1"
[ -z "$3" ] || chown "$3" "$1"
[ -z "$2" ] || chmod "$2" "$1"`;

export const writeCommand = (path: string, mode: number, owner: string | undefined, bytes: number): string[] => [
  ...["sh", "-c", WRITE_SCRIPT, "write", path],
  ...[octal(mode), owner ?? "", String(bytes)],
];

export const directoryCommand = (path: string, mode: number | undefined, owner: string | undefined): string[] => [
  ...["sh", "-c", DIRECTORY_SCRIPT, "directory", path],
  ...[mode === undefined ? "" : octal(mode), owner ?? ""],
];

/** In English, whatever the host speaks: that there is no such file is read from its message. */
export const readCommand = (path: string): string[] => ["env", "LC_ALL=C", "cat", path];
export const statCommand = (path: string): string[] => ["env", "LC_ALL=C", "stat", "-c", "%f %s %u %g %Y", path];
export const listCommand = (path: string): string[] => [
  ...["env", "LC_ALL=C", "find", path],
  ...["-mindepth", "1", "-maxdepth", "1", "-printf", "%f\\0"],
];
export const removeCommand = (path: string): string[] => ["rm", "-f", path];

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
