/** The QEMU guest agent inside a guest, over its virtio-serial socket. One question at a time, as Proxmox asks. */
import { randomInt } from "node:crypto";
import { AgentSilent } from "../proxmox/machines";
import { openLines, type LineSocket, type Message } from "./lineSocket";

type Args = Readonly<Record<string, unknown>>;

/** Proxmox's own patience: 3 s to find out whether somebody is there, then longer for the answer. */
const SYNC_MS = 3000;
const ANSWER_MS = 30_000;

/** A queue of questions to one agent. */
export class Agent {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly path: string) {}

  /** @throws AgentSilent, or Error with the agent's own words */
  ask(command: string, args: Args = {}): Promise<unknown> {
    const answer = this.turn.then(() => this.askNow(command, args));
    this.turn = answer.catch(() => undefined);
    return answer;
  }

  private async askNow(command: string, args: Args): Promise<unknown> {
    const inbox = new Inbox();
    let socket: LineSocket;
    try {
      socket = await openLines(this.path, { onMessage: inbox.take, onClose: inbox.end });
    } catch {
      throw new AgentSilent("QEMU guest agent is not running");
    }
    try {
      // Answers to questions that were given up may still come: the number tells ours.
      const id = randomInt(1, 2 ** 31);
      socket.send({ execute: "guest-sync", arguments: { id } });
      await inbox.find((message) => message.return === id, SYNC_MS);
      socket.send({ execute: `guest-${command}`, ...(Object.keys(args).length > 0 && { arguments: args }) });
      const answer = await inbox.find(() => true, ANSWER_MS);
      const error = answer.error as { readonly desc?: string } | undefined;
      if (error) throw new Error(error.desc ?? `the guest agent refused ${command}`);
      return answer.return;
    } finally {
      socket.close();
    }
  }
}

/** What came in, and the one who waits for it. */
class Inbox {
  private wanted?: { readonly fits: (message: Message) => boolean; readonly done: (message: Message) => void };
  private gaveUp?: (error: Error) => void;

  readonly take = (message: Message): void => {
    if (this.wanted?.fits(message)) this.wanted.done(message);
  };

  readonly end = (): void => {
    this.gaveUp?.(new AgentSilent("QEMU guest agent is not running"));
  };

  find(fits: (message: Message) => boolean, ms: number): Promise<Message> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(this.end, ms);
      this.gaveUp = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.wanted = {
        fits,
        done: (message) => {
          clearTimeout(timer);
          this.wanted = undefined;
          resolve(message);
        },
      };
    });
  }
}
