/** The guests' switch: frames go where they belong, and to the router only what is meant for it. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { startSwitch, takeFrames, type Switch } from "../../../lab/guests/switch";

const EMBY = "bc2411000100";
const ARR = "bc2411000102";
const ROUTER = "5255c0a85601";
const EVERYBODY = "ffffffffffff";

const framed = (frame: Buffer): Buffer => {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(frame.length);
  return Buffer.concat([header, frame]);
};

const frame = (to: string, from: string, text: string): Buffer =>
  Buffer.concat([Buffer.from(to + from, "hex"), Buffer.from([0x08, 0x00]), Buffer.from(text)]);

/** A card of its own, as QEMU plugs one in. */
class Card {
  readonly heard: string[] = [];
  private buffer: Buffer = Buffer.alloc(0);
  private readonly waiting: (() => void)[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly mac: string,
  ) {
    socket.on("data", (chunk: Buffer) => {
      const { frames, rest } = takeFrames(Buffer.concat([this.buffer, chunk]));
      this.buffer = rest;
      this.heard.push(...frames.map((one) => one.subarray(14).toString()));
      for (const wake of this.waiting.splice(0)) wake();
    });
  }

  static async plugIn(path: string, mac: string): Promise<Card> {
    const socket = connect(path);
    await once(socket, "connect");
    return new Card(socket, mac);
  }

  say(to: string, text: string): void {
    this.socket.write(framed(frame(to, this.mac, text)));
  }

  async hears(text: string): Promise<void> {
    while (!this.heard.includes(text)) await new Promise<void>((wake) => this.waiting.push(wake));
  }

  unplug(): void {
    this.socket.destroy();
  }
}

let dir: string;
let lan: Switch;
let emby: Card;
let arr: Card;
let router: Card;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "switch-"));
  lan = await startSwitch(join(dir, "lan"));
  [emby, arr, router] = [
    await Card.plugIn(lan.path, EMBY),
    await Card.plugIn(lan.path, ARR),
    await Card.plugIn(lan.path, ROUTER),
  ];
  // Everybody has spoken once, as with ARP.
  router.say(EVERYBODY, "router");
  await Promise.all([emby.hears("router"), arr.hears("router")]);
  emby.say(EVERYBODY, "emby");
  await Promise.all([arr.hears("emby"), router.hears("emby")]);
  arr.say(EVERYBODY, "arr");
  await Promise.all([emby.hears("arr"), router.hears("arr")]);
});

afterEach(async () => {
  for (const card of [emby, arr, router]) card.unplug();
  await lan.close();
  rmSync(dir, { recursive: true });
});

test("who watches sees every frame, whether or not anybody receives it", async () => {
  const seen: string[] = [];
  const end = lan.watch((bytes) => seen.push(bytes.subarray(14).toString()));
  emby.say(ROUTER, "out");
  emby.say(ARR, "across");
  await arr.hears("across");
  end();
  emby.say(ARR, "unwatched");
  await arr.hears("unwatched");
  expect(seen).toEqual(["out", "across"]);
});

test("what one guest says to another, nobody else hears: the router least of all", async () => {
  emby.say(ARR, "for arr");
  emby.say(EVERYBODY, "end");
  await Promise.all([arr.hears("for arr"), router.hears("end")]);
  expect(router.heard).not.toContain("for arr");
});

test("to a stranger the guests are asked, the router is not", async () => {
  emby.say("bc24110009ff", "who?");
  emby.say("01005e0000fb", "group");
  emby.say(EVERYBODY, "end");
  await Promise.all([arr.hears("who?"), arr.hears("group"), router.hears("end")]);
  expect(router.heard).toEqual(["emby", "arr", "end"]);
});

test("what leaves is counted by guest, what stays is not", async () => {
  emby.say(ROUTER, "out");
  emby.say("5255c0a856fe", "out too");
  emby.say(ARR, "stays");
  await Promise.all([router.hears("out too"), arr.hears("stays")]);
  expect(Object.fromEntries(lan.outbound)).toEqual({ "BC:24:11:00:01:00": 2 });
});

test("a guest that was unplugged is a stranger again", async () => {
  arr.unplug();
  const again = await Card.plugIn(lan.path, ARR);
  again.say(EVERYBODY, "back");
  await emby.hears("back");
  emby.say(ARR, "welcome");
  await again.hears("welcome");
  again.unplug();
});

test("frames come out as they went in, however the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), fc.nat(50), (bodies, step) => {
      const stream = Buffer.concat(bodies.map((body) => framed(Buffer.from(body))));
      const out: Buffer[] = [];
      let buffer: Buffer = Buffer.alloc(0);
      for (let at = 0; at < stream.length; at += step + 1) {
        const { frames, rest } = takeFrames(Buffer.concat([buffer, stream.subarray(at, at + step + 1)]));
        out.push(...frames.map((one) => Buffer.from(one)));
        buffer = rest;
      }
      expect(out).toEqual(bodies.map((body) => Buffer.from(body)));
      expect(buffer).toHaveLength(0);
    }),
  );
});

test("a length that no card sends is refused, not waited for", () => {
  expect(() => takeFrames(Buffer.from("7fffffff00", "hex"))).toThrow("a frame of 2147483647 bytes");
});
