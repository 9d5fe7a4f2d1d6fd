/** The cloud-init drive and its settings in the words of the `Vm` resource. Pure. */
import type { CloudInit, DiskSlot } from "../vm/args";
import { cloudInitFromApi, CLOUD_INIT_SLOT } from "../vm/cloudInit";
import type { Config } from "../vm/config";
import { isCloudInit, parseDrive } from "../vm/drive";
import { parsePropertyString } from "../vm/propertyString";
import { diskBus } from "../vm/slots";
import { unwordedOptions, type LeftOut } from "./leftOut";

interface DescribedCloudInit {
  readonly value?: CloudInit;
  /** Keys that it speaks for. */
  readonly keys: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Without a drive its settings have no effect: they are no part of what is described. */
export function describeCloudInit(config: Config): DescribedCloudInit {
  const drive = Object.keys(config).find(
    (key) => diskBus(key) !== undefined && isCloudInit(parseDrive(config[key] ?? "")),
  );
  if (drive === undefined) return { keys: [], leftOut: [] };
  const given = (key: string): boolean => (config[key] ?? "").trim() !== "";
  const keys = given("sshkeys") && decodes(config.sshkeys ?? "");
  const named = {
    storage: "",
    slot: CLOUD_INIT_SLOT as DiskSlot,
    user: given("ciuser") ? "" : undefined,
    sshKeys: keys ? [] : undefined,
    addresses: {},
    nameservers: given("nameserver") ? [] : undefined,
    searchDomain: given("searchdomain") ? "" : undefined,
  };
  const value = cloudInitFromApi(config, named);
  const ipconfigs = Object.keys(config).filter((key) => /^ipconfig\d+$/.test(key));
  return {
    value,
    keys: [drive, "ciuser", "nameserver", "searchdomain", ...(keys ? ["sshkeys"] : []), ...ipconfigs],
    leftOut: ipconfigs.flatMap((key) =>
      unwordedOptions(key, parsePropertyString(config[key] ?? "", ""), ["ip", "gw", ""]),
    ),
  };
}
