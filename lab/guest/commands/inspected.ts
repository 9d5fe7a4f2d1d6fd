/** A container of a simulated guest as `docker inspect` shows it, as far as the program reads that. Pure. */
import type { LabContainer } from "../state";
import { containerName } from "./dockerByHand";

export const inspected = ({
  id,
  project,
  service,
  created,
  status,
  exitCode,
  pid,
  health,
  image,
  imageId,
  labels,
  networkMode,
  networks,
  mounts,
}: LabContainer): object => ({
  Id: id,
  Name: `/${containerName({ project, service })}`,
  ...(created === undefined ? {} : { Created: new Date(created).toISOString() }),
  Image: imageId,
  State: {
    Status: status,
    ExitCode: exitCode,
    Pid: pid,
    ...(health === undefined ? {} : { Health: { Status: health } }),
  },
  Config: { Image: image, Labels: labels },
  HostConfig: { NetworkMode: networkMode },
  ...(mounts && { Mounts: mounts }),
  ...(networks && {
    NetworkSettings: {
      Networks: Object.fromEntries(Object.entries(networks).map(([name, Aliases]) => [name, { Aliases }])),
    },
  }),
});
