/** The cloud-init drive: what Proxmox would write for the same configuration. */
import { parse } from "yaml";
import { cloudInitFiles, networkConfig, userData } from "../../../lab/guests/cloudInitFiles";

const NODE = { nameservers: ["192.168.86.1"], search: ["lan"] };
const KEYS = ["ssh-ed25519 AAAAC3Nz evan@laptop", "ssh-rsa AAAAB3Nz evan@desk"];
const CONFIG = {
  name: "infinity-node-emby",
  ciuser: "evan",
  sshkeys: encodeURIComponent(KEYS.join("\n")),
  net0: "virtio=BC:24:11:00:01:00,bridge=vmbr0",
  ipconfig0: "ip=192.168.86.172/24,gw=192.168.86.1",
  nameserver: "192.168.86.2 1.1.1.1",
};

test("the user data name host, user and keys, and ask for upgrades unless told not to", () => {
  expect(parse(userData(CONFIG, 100))).toEqual({
    ...{ hostname: "infinity-node-emby", manage_etc_hosts: true, user: "evan", ssh_authorized_keys: KEYS },
    ...{ chpasswd: { expire: false }, users: ["default"], package_upgrade: true },
  });
  expect(parse(userData({ ...CONFIG, ciupgrade: "0" }, 100))).toMatchObject({ package_upgrade: false });
});

test("root is let in only where it is the user", () => {
  const root = parse(userData({ ...CONFIG, ciuser: "root" }, 100)) as Record<string, unknown>;
  expect(root).toMatchObject({ user: "root", disable_root: false });
  expect(root).not.toHaveProperty("users");
});

test.each([
  [{ name: "emby.lan" }, { hostname: "emby", fqdn: "emby.lan" }],
  [
    { name: "emby", searchdomain: "home.arpa" },
    { hostname: "emby", fqdn: "emby.home.arpa" },
  ],
  [{}, { hostname: "VM100" }],
])("the host of %j is %j", (config, expected) => {
  expect(parse(userData(config, 100))).toMatchObject(expected);
});

test("a card has its address by its MAC; the VM's name servers win over the node's", () => {
  expect(parse(networkConfig(CONFIG, NODE))).toEqual({
    version: 1,
    config: [
      {
        ...{ type: "physical", name: "eth0", mac_address: "bc:24:11:00:01:00" },
        subnets: [{ type: "static", address: "192.168.86.172", netmask: "255.255.255.0", gateway: "192.168.86.1" }],
      },
      { type: "nameserver", address: ["192.168.86.2", "1.1.1.1"], search: ["lan"] },
    ],
  });
});

test.each([
  ["ip=dhcp", [{ type: "dhcp4" }]],
  ["ip=10.0.0.2/20", [{ type: "static", address: "10.0.0.2", netmask: "255.255.240.0" }]],
  ["ip6=auto", [{ type: "ipv6_slaac" }]],
  [
    "ip=dhcp,ip6=fd00::2/64,gw6=fd00::1",
    [{ type: "dhcp4" }, { type: "static6", address: "fd00::2/64", gateway: "fd00::1" }],
  ],
])("%s is %j", (ipconfig0, subnets) => {
  const { config } = parse(networkConfig({ ...CONFIG, ipconfig0 }, NODE)) as { config: { subnets?: unknown }[] };
  expect(config[0]?.subnets).toEqual(subnets);
});

test("a card without an address is not spoken of, and the node's name servers stand in", () => {
  const { ipconfig0, nameserver, ...rest } = CONFIG;
  expect(parse(networkConfig(rest, NODE))).toEqual({
    version: 1,
    config: [{ type: "nameserver", address: ["192.168.86.1"], search: ["lan"] }],
  });
});

test("other data make another instance, the same data do not", () => {
  const instance = (config: typeof CONFIG) => cloudInitFiles(config, 100, NODE)["meta-data"];
  expect(instance(CONFIG)).toMatch(/^instance-id: [0-9a-f]{40}\n$/);
  expect(instance({ ...CONFIG })).toBe(instance(CONFIG));
  expect(instance({ ...CONFIG, ciuser: "inspector" })).not.toBe(instance(CONFIG));
});
