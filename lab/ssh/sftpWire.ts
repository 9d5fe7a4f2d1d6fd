/** What ssh2 has no word for in SFTP: extensions and their requests, and open modes as Node names them. Pure but for one session. */
import { utils, type SFTPWrapper } from "ssh2";

const { OPEN_MODE } = utils.sftp;

const EXTENSIONS = { "posix-rename@openssh.com": "1", "fsync@openssh.com": "1" };

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

function versionPacket(): Buffer {
  const pairs = Object.entries(EXTENSIONS).flatMap(([name, version]) => [text(name), text(version)]);
  const body = Buffer.concat([Buffer.from([2, 0, 0, 0, 3]), ...pairs]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

interface Wire {
  _protocol: { channelData(id: number, data: Buffer): void };
  outgoing: { window: number };
}

/** ssh2's server says that it has no extension, and has no word for them: its first packet is replaced. */
export function announce(sftp: SFTPWrapper): void {
  const wire = sftp as unknown as Wire;
  const protocol = wire._protocol;
  const first = versionPacket();
  wire._protocol = Object.assign(Object.create(protocol) as Wire["_protocol"], {
    channelData: (id: number, data: Buffer) => {
      wire._protocol = protocol;
      wire.outgoing.window -= first.length - data.length;
      protocol.channelData(id, first);
    },
  });
}

/** The strings that an extended request is made of. */
export function texts(data: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + 4 <= data.length;) {
    const length = data.readUInt32BE(at);
    found.push(data.subarray(at + 4, at + 4 + length).toString("latin1"));
    at += 4 + length;
  }
  return found.map((part) => Buffer.from(part, "latin1").toString("utf8"));
}

/** An open mode in the words of `fs.open`. */
export function flagsOf(mode: number): string {
  const has = (bit: number): boolean => (mode & bit) !== 0;
  if (!has(OPEN_MODE.WRITE)) return "r";
  const exclusive = has(OPEN_MODE.EXCL) ? "x" : "";
  if (has(OPEN_MODE.APPEND)) return `a${exclusive}`;
  if (has(OPEN_MODE.CREAT) && (has(OPEN_MODE.TRUNC) || exclusive !== "")) return `w${exclusive}`;
  return has(OPEN_MODE.CREAT) ? "a" : "r+";
}
