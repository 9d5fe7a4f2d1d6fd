/** `qm set` on the lab's node, as root@pam: the keys that no token may set, on the simulated Proxmox's own world. */
import { Problem } from "../proxmox/wire/problem";
import { done, failed, type CommandAnswer, type CommandHandler } from "./command";

/** What a program on the node does with the API, as root@pam. @throws Problem */
export type AsRoot = (method: "PUT", path: string, params: Readonly<Record<string, string>>) => Promise<unknown>;

/** Only what takes root goes this way. */
const KEYS = /^(args|hookscript|affinity|boot|(scsi|virtio|sata|ide|hostpci|usb)\d+)$/;

/** Perl's programs end with 255 where they die. */
const DIED = 255;

/** @returns the parameters of `--key value...`, or nothing where they are others than the provider sends. */
function parametersOf(args: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [key, value] = [/^--(.+)$/.exec(args[at] ?? "")?.[1], args[at + 1]];
    if (key === undefined || value === undefined || key in params) return undefined;
    if (!KEYS.test(key) && key !== "delete" && key !== "digest") return undefined;
    params[key] = value;
  }
  return params.digest === undefined || Object.keys(params).length < 2 ? undefined : params;
}

/** @param node its name in Proxmox. */
export function qm(node: string, asRoot: AsRoot): CommandHandler {
  return async ({ args: [program, action, vmid = "", ...rest], user }): Promise<CommandAnswer | undefined> => {
    const params = program === "qm" && action === "set" && /^\d+$/.test(vmid) ? parametersOf(rest) : undefined;
    if (params === undefined) return undefined;
    if (user.uid !== 0) return failed("please run as root", 1);
    try {
      await asRoot("PUT", `/nodes/${node}/qemu/${vmid}/config`, params);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const details = Object.entries(error.errors ?? {}).map(([key, text]) => `${key}: ${text}`);
      if (details.length === 0) return failed(error.text, DIED);
      return failed(["400 Parameter verification failed.", ...details, "qm set <vmid> [OPTIONS]"].join("\n"), DIED);
    }
    const { digest, ...shown } = params;
    const said = Object.entries(shown).map(([key, value]) => `-${key} ${value}`);
    return done(`update VM ${vmid}: ${said.join(" ")}\n`);
  };
}
