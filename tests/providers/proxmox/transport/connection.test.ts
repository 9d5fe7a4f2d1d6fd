import { connectionFrom } from "../../../../providers/proxmox/connection";

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => (index + 160).toString(16).toUpperCase()).join(":");
const TOKEN = "root@pam!ci=6f1e-secret";

const env = (hypervisor: unknown, rest: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PULUMI_CONFIG: JSON.stringify({
    hypervisor: JSON.stringify(hypervisor),
    network: JSON.stringify({ cidr: "192.168.86.0/24", gateway: "192.168.86.1" }),
  }),
  ...rest,
});

const messageOf = (given: NodeJS.ProcessEnv): string => {
  try {
    connectionFrom(given);
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
};

describe("where Proxmox is", () => {
  it("is the hypervisor's address in today's network, at port 8006", () => {
    expect(connectionFrom(env({ node: "pve", address: 106, apiToken: TOKEN }))).toEqual({
      endpoint: "https://192.168.86.106:8006",
      trust: { kind: "system" },
      credentials: { kind: "token", token: TOKEN },
      rootTicket: false,
    });
  });

  it("takes a dotted address, of the network or without one", () => {
    expect(connectionFrom(env({ address: "192.168.86.7", apiToken: TOKEN })).endpoint).toBe(
      "https://192.168.86.7:8006",
    );
    const PULUMI_CONFIG = JSON.stringify({ hypervisor: JSON.stringify({ address: "10.0.0.7", apiToken: TOKEN }) });
    expect(connectionFrom({ PULUMI_CONFIG }).endpoint).toBe("https://10.0.0.7:8006");
  });

  it("takes the endpoint over the address, and the environment's over both", () => {
    const hypervisor = { address: 106, endpoint: "https://pve.example/", apiToken: TOKEN };
    expect(connectionFrom(env(hypervisor)).endpoint).toBe("https://pve.example");
    const PROXMOX_VE_ENDPOINT = "https://127.0.0.1:18006/api2/json";
    expect(connectionFrom(env(hypervisor, { PROXMOX_VE_ENDPOINT })).endpoint).toBe("https://127.0.0.1:18006");
  });

  it.each([
    ["http://127.0.0.1:8006", "must be an https URL"],
    ["pve:8006", "must be an https URL"],
    ["https://pve:8006/ui", "must be host and port only - write https://pve:8006"],
  ])("refuses the endpoint %s", (endpoint, rule) => {
    expect(messageOf(env({ endpoint, apiToken: TOKEN }))).toContain(`hypervisor.endpoint: ${endpoint}: ${rule}`);
  });

  it("doesn't show an endpoint with a password in it", () => {
    const message = messageOf({ PROXMOX_VE_ENDPOINT: "https://root:hunter2@pve", PROXMOX_VE_API_TOKEN: TOKEN });
    expect(message).toContain("PROXMOX_VE_ENDPOINT: holds a user or password");
    expect(message).not.toContain("hunter2");
  });

  it("refuses an address outside the network, and none at all", () => {
    expect(messageOf(env({ address: "10.1.2.3", apiToken: TOKEN }))).toMatch(
      /hypervisor\.address: 10\.1\.2\.3: must be/,
    );
    expect(messageOf(env({ address: 255, apiToken: TOKEN }))).toMatch(/hypervisor\.address: 255: must be a host/);
    expect(messageOf({ PROXMOX_VE_API_TOKEN: TOKEN })).toContain("PROXMOX_VE_ENDPOINT");
  });
});

describe("the certificate", () => {
  it("is pinned by a fingerprint in any common notation", () => {
    const pins = [FINGERPRINT, FINGERPRINT.toLowerCase(), FINGERPRINT.replaceAll(":", "")];
    for (const fingerprint of pins) {
      const connection = connectionFrom(env({ address: 106, apiToken: TOKEN, tls: { fingerprint } }));
      expect(connection.trust).toEqual({ kind: "pin", fingerprint: FINGERPRINT });
    }
  });

  it("is verified by a CA file where one is named", () => {
    const connection = connectionFrom(env({ address: 106, apiToken: TOKEN, tls: { caFile: "pve-root-ca.pem" } }));
    expect(connection.trust).toEqual({ kind: "ca", file: "pve-root-ca.pem" });
  });

  it("is not pinned by a SHA-1 fingerprint, nor both ways at once", () => {
    const sha1 = FINGERPRINT.slice(0, 59);
    expect(messageOf(env({ address: 106, apiToken: TOKEN, tls: { fingerprint: sha1 } }))).toContain("SHA-256");
    const both = { fingerprint: FINGERPRINT, caFile: "ca.pem" };
    expect(messageOf(env({ address: 106, apiToken: TOKEN, tls: both }))).toContain("either fingerprint or caFile");
  });
});

describe("who we are", () => {
  it("is a token or a login of the configuration", () => {
    const login = { address: 106, user: "root@pam", password: "lab" };
    expect(connectionFrom(env(login))).toMatchObject({
      credentials: { kind: "ticket", user: "root@pam", password: "lab" },
      rootTicket: true,
    });
    expect(connectionFrom(env({ ...login, user: "admin@pve" })).rootTicket).toBe(false);
  });

  it("is what the environment says, as a whole", () => {
    const hypervisor = { address: 106, apiToken: "old@pam!ci=revoked" };
    expect(connectionFrom(env(hypervisor, { PROXMOX_VE_API_TOKEN: TOKEN })).credentials).toEqual({
      kind: "token",
      token: TOKEN,
    });
    const login = { PROXMOX_VE_USERNAME: "root@pam", PROXMOX_VE_PASSWORD: "pw" };
    expect(connectionFrom(env(hypervisor, login)).credentials).toMatchObject({ kind: "ticket", password: "pw" });
  });

  it("takes the user from the configuration where the environment gives the password only", () => {
    const given = env({ address: 106, user: "admin@pve" }, { PROXMOX_VE_PASSWORD: "pw" });
    expect(connectionFrom(given).credentials).toEqual({ kind: "ticket", user: "admin@pve", password: "pw" });
  });

  it.each([
    [{ apiToken: "6f1e-secret" }, "hypervisor.apiToken: must have the form user@realm!id=secret"],
    [{ apiToken: TOKEN, password: "s3cret" }, "hypervisor.apiToken: stands beside hypervisor.password"],
    [{ user: "root", password: "s3cret" }, "hypervisor.user: root: must name the realm - write it as root@pam"],
    [{ user: "root@pam" }, "hypervisor.password: is missing for root@pam"],
    [{ password: "s3cret" }, "hypervisor.user: is missing beside the password"],
    [{}, "credentials are missing"],
  ])("refuses %j without showing a secret", (login, expected) => {
    const message = messageOf(env({ address: 106, ...login }));
    expect(message).toContain(expected);
    expect(message).not.toContain("s3cret");
    expect(message).not.toContain("6f1e-secret");
  });
});

describe("a broken configuration", () => {
  it("is named without its text", () => {
    const PULUMI_CONFIG = JSON.stringify({ hypervisor: '{"password": "s3cret"' });
    expect(messageOf({ PULUMI_CONFIG })).toContain("hypervisor: must be JSON");
    expect(messageOf({ PULUMI_CONFIG })).not.toContain("s3cret");
    expect(messageOf(env({ address: 106, apiToken: 6 }))).toMatch(/hypervisor\.apiToken: .*string/);
  });

  it("is told with all its problems at once", () => {
    const message = messageOf(env({ endpoint: "http://pve", tls: { fingerprint: "AB" } }));
    expect(message.split("\n")).toHaveLength(4);
  });
});
