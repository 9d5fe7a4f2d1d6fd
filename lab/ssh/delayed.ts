/** A socket to somebody far away: what goes either way arrives half a round trip later, in its order. Opens nothing. */
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

/** @param roundTripMs of a packet there and back. @returns the server's end of it; to destroy it cuts the connection */
export function delayed(socket: Socket, roundTripMs: number): Duplex {
  const later = (act: () => void): void => void setTimeout(act, roundTripMs / 2);
  const far = new Duplex({
    read: () => undefined,
    // Taken at once, so that what follows is on its way in the same moment: a network delays packets, not their number.
    write: (chunk: Buffer, _encoding, taken) => {
      later(() => socket.destroyed || socket.write(chunk));
      taken();
    },
    final: (ended) => {
      later(() => socket.end());
      ended();
    },
    destroy: (error, destroyed) => {
      socket.destroy();
      destroyed(error);
    },
  });
  const arrive = (chunk: Buffer | null): void => {
    later(() => far.destroyed || far.push(chunk));
  };
  socket.on("data", arrive);
  socket.once("end", () => {
    arrive(null);
  });
  socket.once("error", (error) => far.destroy(error));
  socket.once("close", () => {
    later(() => far.destroy());
  });
  return far;
}
