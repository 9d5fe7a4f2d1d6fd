/** `docker stop NAME`, as a person does it on a simulated guest: nothing in this program sends it. */
import { lines, refused, said, type Program } from "../program";

/** Killed where it doesn't end by itself: 128 and SIGTERM's number. */
const TERMINATED = 143;

export const dockerStop: Program = (names, { guest }) => {
  for (const name of names) {
    const found = guest.containers.find(({ project, service }) => name === `${project}-${service}-1`);
    if (found === undefined) return refused(`Error response from daemon: No such container: ${name}`);
    if (found.status === "running") Object.assign(found, { status: "exited", exitCode: TERMINATED, pid: 0 });
  }
  return said(lines(names));
};
