/** The NAS as a guest: what its first boot is told, and that it is one that is known again. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { cloudInitFiles } from "../../../lab/guests/cloudInitFiles";
import { hasCloudInit } from "../../../lab/guests/configText";
import { nasMachine, nasVendorData, type NasPlan } from "../../../lab/guests/nasFiles";
import { addressOf, subnetOf } from "../../../lab/guests/subnet";

const PLAN: NasPlan = {
  address: "192.168.86.43",
  subnet: { cidr: "192.168.86.0/24", gateway: "192.168.86.1" },
  export: "/volume1/infinity-node",
  folders: ["media", "media/movies", "downloads"],
  owner: { uid: 1000, gid: 1000 },
};

const Vendor = z.object({
  write_files: z.array(z.object({ path: z.string(), content: z.string() })),
  runcmd: z.array(z.string()),
});
const vendor = (plan: NasPlan) => Vendor.parse(parse(nasVendorData(plan)));

test("it has the NAS's address in the house's network, and a drive that tells it so", () => {
  const { config } = nasMachine(PLAN);
  expect(addressOf(config)).toBe("192.168.86.43");
  expect(subnetOf(config)).toEqual(PLAN.subnet);
  expect(hasCloudInit(config)).toBe(true);
  expect(cloudInitFiles(config, 0, { nameservers: [], search: [] })["network-config"]).toContain("'192.168.86.43'");
});

test("it exports to the house's network and to nobody else, and is a server at each of its starts", () => {
  const { write_files, runcmd } = vendor(PLAN);
  expect(write_files).toEqual([
    {
      path: "/etc/exports",
      content: "/volume1/infinity-node 192.168.86.0/24(rw,no_subtree_check,no_root_squash,fsid=1)\n",
    },
  ]);
  expect(runcmd.at(-1)).toBe("systemctl enable --now nfs-server.service");
});

test("a path with a blank is one path, in the export and on its disk", () => {
  const dir = mkdtempSync(join(tmpdir(), "nas-"));
  try {
    const { uid, gid } = statSync(dir);
    const plan = { ...PLAN, export: `${dir}/the share`, folders: ["it's", "it's/own"], owner: { uid, gid } };
    const { write_files, runcmd } = vendor(plan);
    expect(write_files[0]?.content).toMatch(/^\S+\/the\\040share 192/);
    for (const command of runcmd.slice(0, -1)) expect(spawnSync("sh", ["-c", command]).status).toBe(0);
    expect(existsSync(join(dir, "the share", "it's", "own"))).toBe(true);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
