/** The house of Pulumi.prod.yaml, figure by figure, and the lab's over it. */
import { endpoint, nfsSource, tunnelName, vmAddress } from "../../house/addresses";
import { capacity, capacityText } from "../../house/capacity";
import { warnings } from "../../house/house";
import type { House, Vm } from "../../house/schema";
import { declarable, unknowns } from "../../house/unknowns";
import { parseSize } from "../../values/size";
import { isBrought } from "../stacks/brought";
import { house, stackSections, stackText } from "./support";

const GIB = 1024 ** 3;

describe("prod", () => {
  const prod: House = house(stackSections("prod"));
  const vm = (name: string): Vm => {
    const found = prod.vms[name];
    if (!found) throw new Error(`no ${name}`);
    return found;
  };

  test("has the network of the house, and says no name servers", () => {
    expect(prod.network).toEqual({ cidr: "192.168.86.0/24", gateway: 1 });
  });

  test("has the hypervisor, whose RAM nobody knows", () => {
    expect(prod.hypervisor).toEqual({ node: "infinity-node", address: 106, version: "8.4.1", cpus: 24 });
    expect(endpoint(prod)).toBe("https://192.168.86.106:8006");
  });

  test("has six VMs, 100 to 105", () => {
    expect(Object.fromEntries(Object.entries(prod.vms).map(([name, { vmid }]) => [name, vmid]))).toEqual({
      emby: 100,
      downloads: 101,
      arr: 102,
      misc: 103,
      nextcloud: 104,
      debian: 105,
    });
  });

  test.each([
    ["emby", "ininity-node-emby", "192.168.86.172", 2, 8, 4, "critical"],
    ["downloads", "infinity-node-downloads", "192.168.86.173", 8, 16, 8, "critical"],
    ["arr", "infinity-node-arr", "192.168.86.174", 8, 32, 8, "critical"],
    ["misc", "infinity-node-misc", "192.168.86.249", 6, 16, 8, "important"],
  ])(
    "%s is %s at %s: %i vCPUs, %i GiB, %i GiB balloon, %s",
    (name, hostname, address, cores, ram, balloon, priority) => {
      const one = vm(name);
      expect(one.hostname).toBe(hostname);
      expect(vmAddress(prod, one)).toBe(address);
      expect(one.cpu).toEqual({ cores, type: "x86-64-v2-AES" });
      expect(parseSize(one.memory ?? "")).toBe(ram * GIB);
      expect(parseSize(one.balloon ?? "")).toBe(balloon * GIB);
      expect(one.priority).toBe(priority);
      expect(one.state).toBe("running");
      expect(one.nics).toEqual({ net0: { model: "virtio", bridge: "vmbr0" } });
    },
  );

  test.each([
    ["emby", { scsi0: { storage: "local-lvm", size: "82GiB" }, scsi1: { storage: "NAS", size: "32GiB" } }],
    ["downloads", { scsi0: { storage: "NAS", size: "100GiB" }, scsi1: { physical: true, size: "4TB" } }],
    ["arr", { scsi0: { storage: "NAS", size: "200GiB" } }],
    ["misc", { scsi0: { storage: "NAS", size: "100GiB" } }],
  ])("%s has its disks", (name, disks) => {
    expect(vm(name).disks).toEqual(disks);
  });

  test.each([
    ["emby", "Media streaming server"],
    ["downloads", "Download clients with VPN protection"],
    ["arr", "Media automation and management"],
    ["misc", "Supporting and experimental services"],
    ["debian", "General purpose template/testing"],
  ])("%s is for: %s", (name, purpose) => {
    expect(vm(name).purpose).toBe(purpose);
  });

  test.each([
    ["emby", "emby newt portainer watchtower"],
    ["downloads", "vpn portainer watchtower"],
    ["arr", "radarr sonarr lidarr prowlarr seerr flaresolverr newt portainer watchtower"],
    ["misc", "vaultwarden paperless-ngx immich linkwarden navidrome audiobookshelf homepage newt portainer watchtower"],
    ["nextcloud", ""],
    ["debian", ""],
  ])("%s has its services", (name, services) => {
    expect(
      vm(name)
        .services.map(({ stack }) => stack)
        .filter(isBrought)
        .join(" "),
    ).toBe(services);
  });

  test.each(["nextcloud", "debian"])("%s is stopped, and its figures are left open", (name) => {
    const { state, cpu, memory, balloon, disks, address, hostname } = vm(name);
    expect({ state, cpu, memory, balloon, disks, address, hostname }).toEqual({ state: "stopped" });
  });

  test("has three storages, the NFS one on the NAS", () => {
    expect(prod.storages).toEqual({
      local: { type: "dir", path: "/var/lib/vz", size: "100GB", content: ["iso", "vztmpl", "backup"] },
      "local-lvm": { type: "lvmthin", volumeGroup: "pve", thinPool: "data", size: "1.8TB" },
      NAS: { type: "nfs", size: "57TB", content: ["images"] },
    });
    const nas = prod.storages?.NAS;
    if (nas?.type !== "nfs") throw new Error("NAS is NFS");
    expect(nfsSource(prod, nas)).toEqual({ server: "192.168.86.43", export: "/volume1/infinity-node" });
  });

  test("has the NAS with its export and library", () => {
    expect(prod.nas).toEqual({
      address: 43,
      export: "/volume1/infinity-node",
      capacity: "57TB",
      library: {
        media: ["movies", "tv", "music", "audiobooks"],
        downloads: ["complete", "incomplete"],
        configs: ["emby", "radarr", "sonarr"],
      },
    });
  });

  test("has its domain and the tunnel's server", () => {
    expect(prod.domain).toBe("infinity-node.com");
    expect(prod.tunnel).toEqual({ server: "45.55.78.215", endpoint: "pangolin" });
    expect(tunnelName(prod)).toBe("pangolin.infinity-node.com");
  });

  test("lists what is not known, and nothing else", () => {
    expect(unknowns(prod).map(({ path }) => path)).toEqual([
      "network.dns",
      "hypervisor.memory",
      "vms.downloads.disks.scsi1.path",
      "vms.nextcloud.cpu",
      "vms.nextcloud.memory",
      "vms.nextcloud.disks",
      "vms.nextcloud.hostname",
      "vms.debian.cpu",
      "vms.debian.memory",
      "vms.debian.disks",
      "vms.debian.hostname",
      "guests.users.evan.keys",
      "guests.users.inspector.keys",
      "tunnel.droplet.size",
      "tunnel.droplet.region",
      "tunnel.droplet.image",
      "tunnel.droplet.sshKeys",
      "tunnel.zone",
      "tunnel.exposed",
    ]);
  });

  test("declares the VMs that are wholly known", () => {
    expect(Object.keys(declarable(prod))).toEqual(["emby", "arr", "misc"]);
  });

  test("adds up to 24 vCPUs and 72 GiB, 28 GiB at least, whatever the house's notes say", () => {
    expect(capacity(prod).all).toEqual({ vcpus: 24, memory: 72 * GIB, balloon: 28 * GIB });
    expect(capacityText(prod)).toBe("24 vCPUs (host: 24), 72GiB of RAM at most, 28GiB at least (host: not known)");
    expect(warnings(prod)).toEqual([]);
  });
});

describe("lab", () => {
  const prod = house(stackSections("prod"));
  const lab = house(stackSections("lab"));

  test("leaves nothing open, and declares all six VMs", () => {
    expect(unknowns(lab)).toEqual([]);
    expect(Object.keys(declarable(lab))).toEqual(["emby", "downloads", "arr", "misc", "nextcloud", "debian"]);
  });

  test("is prod but for what prod leaves open", () => {
    expect(lab.vms.emby).toEqual(prod.vms.emby);
    expect(lab.vms.downloads?.disks?.scsi1).toEqual({
      physical: true,
      size: "4TB",
      path: "/dev/disk/by-id/ata-LAB_4TB_0001",
    });
    expect(lab.storages).toEqual(prod.storages);
    expect(lab.nas).toEqual(prod.nas);
    expect(lab.network?.cidr).toBe(prod.network?.cidr);
  });

  test("is reached at its own endpoint, and carries no secret on", () => {
    expect(endpoint(lab)).toBe("https://127.0.0.1:18006");
    expect(lab.hypervisor).toMatchObject({ apiToken: expect.anything() as unknown, ssh: { port: 18022 } });
    expect(lab.hypervisor).not.toHaveProperty("password");
  });
});

test.each(["prod", "lab"])("%s holds nothing that is encrypted", (stack) => {
  expect(stackText(stack)).not.toMatch(/encryptionsalt|secure:/);
});
