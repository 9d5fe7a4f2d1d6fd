/** Time and chance, so that a test can hold both still. */
import { randomBytes, randomUUID } from "node:crypto";

export interface Clock {
  /** Unix seconds. */
  readonly now: () => number;
  readonly uuid: () => string;
  /** `BC:24:11:..`, the prefix Proxmox gives out. */
  readonly mac: () => string;
}

export const systemClock: Clock = {
  now: () => Math.floor(Date.now() / 1000),
  uuid: randomUUID,
  mac: () => {
    const tail = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase());
    return ["BC", "24", "11", ...tail].join(":");
  },
};
