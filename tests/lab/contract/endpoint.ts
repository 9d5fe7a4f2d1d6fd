/**
 * Which endpoints are in use: those the provider calls, and so those the lab serves and is held to. Pure.
 */

const inUse: ReadonlySet<string> = new Set([
  "GET /version",
  "GET /access/ticket",
  "POST /access/ticket",
  "GET /access/permissions",
  "GET /access/acl",
  "PUT /access/acl",
  "POST /access/roles",
  "GET /access/roles/*",
  "PUT /access/roles/*",
  "POST /access/users",
  "GET /access/users/*",
  "GET /access/users/*/token/*",
  "POST /access/users/*/token/*",
  "DELETE /access/users/*/token/*",
  "GET /nodes",
  "GET /nodes/*/network",
  "GET /cluster/resources",
  "GET /cluster/nextid",
  "GET /nodes/*/qemu",
  "POST /nodes/*/qemu",
  "DELETE /nodes/*/qemu/*",
  "GET /nodes/*/qemu/*/config",
  "PUT /nodes/*/qemu/*/config",
  "POST /nodes/*/qemu/*/config",
  "GET /nodes/*/qemu/*/pending",
  "GET /nodes/*/qemu/*/status/current",
  "POST /nodes/*/qemu/*/status/start",
  "POST /nodes/*/qemu/*/status/stop",
  "POST /nodes/*/qemu/*/status/shutdown",
  "POST /nodes/*/qemu/*/status/reboot",
  "PUT /nodes/*/qemu/*/resize",
  "PUT /nodes/*/qemu/*/unlink",
  "POST /nodes/*/qemu/*/move_disk",
  "POST /nodes/*/qemu/*/clone",
  "POST /nodes/*/qemu/*/template",
  "GET /nodes/*/tasks",
  "GET /nodes/*/tasks/*/status",
  "GET /nodes/*/tasks/*/log",
  "GET /storage",
  "POST /storage",
  "GET /storage/*",
  "PUT /storage/*",
  "DELETE /storage/*",
  "GET /nodes/*/storage",
  "GET /nodes/*/storage/*/status",
  "GET /nodes/*/storage/*/content",
  "POST /nodes/*/storage/*/download-url",
]);

/** `METHOD /template`, the variable parts of the path as `*`. */
export function endpointOf(method: string, path: string): string {
  const parts = (path.split("?")[0] ?? "").split("/").slice(1);
  const names = parts.map((part, i) => (isVariable(parts, i) ? "*" : part));
  return `${method} /${names.join("/")}`;
}

/** Whether the provider asks this endpoint, so that the lab has to answer as Proxmox does. */
export function isInUse(method: string, path: string): boolean {
  return inUse.has(endpointOf(method, path));
}

function isVariable(parts: readonly string[], i: number): boolean {
  if (i === 1) return parts[0] === "nodes" || parts[0] === "storage";
  if (parts[0] === "access") return (i === 2 && ["users", "roles"].includes(parts[1] ?? "")) || i === 4;
  return i === 3 && parts[0] === "nodes" && ["qemu", "tasks", "storage"].includes(parts[2] ?? "");
}
