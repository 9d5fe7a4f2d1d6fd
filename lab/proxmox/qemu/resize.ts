/** `PUT .../resize`: every check is the task's, so the answer is a UPID even for a disk that is not there. */
import { isRoot } from "../access/identity";
import { demand } from "../access/permissions";
import { vmidOf, type Call } from "../call";
import { startTask } from "../startTask";
import { roundedSize, storageNamed, volumeSize } from "../storage/volumes";
import { Problem } from "../wire/problem";
import { isCdrom, parseDiskSize, parseDrive, printDrive, storageOf } from "./drive";
import { checkDigest, checkLock, vmNamed } from "./find";

function resize(call: Call, log: (line: string) => void): void {
  const { world, params } = call;
  const key = params.disk ?? "";
  const vm = vmNamed(world, vmidOf(call));
  checkDigest(vm, params.digest);
  checkLock(vm, params.skiplock === "1");
  const text = vm.config[key];
  if (text === undefined) throw Problem.failed(`disk '${key}' does not exist`);
  const drive = parseDrive(key, text);
  if (isCdrom(drive)) throw Problem.failed("you can't resize a cdrom");
  const id = storageOf(drive.file);
  if (id === undefined) throw Problem.failed(`unable to parse volume ID '${drive.file}'`);
  demand(world, call.who, `/storage/${id}`, ["Datastore.AllocateSpace"]);
  const size = volumeSize(world, drive.file);
  const wanted = params.size ?? "";
  const bytes = parseDiskSize(wanted.replace(/^\+/, "")) ?? 0;
  const next = wanted.startsWith("+") ? size + bytes : bytes;
  if (next < size) throw Problem.failed("shrinking disks is not supported");
  if (next === size) return;
  const volume = world.volumes[drive.file];
  // The volume grows to whole extents; the configuration keeps the size that was asked for.
  if (volume) volume.size = roundedSize(storageNamed(world, id), next);
  drive.options.size = String(next);
  vm.config[key] = printDrive(drive);
  log("Image resized.");
}

export function resizeDisk(call: Call): string {
  if (call.params.skiplock === "1" && !isRoot(call.who))
    throw Problem.parameters({ skiplock: "Only root may use this option." });
  return startTask(call, "resize", vmidOf(call), (log) =>
    call.locks.hold(vmidOf(call), () => {
      resize(call, log);
    }),
  );
}
