import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { engineEnvironment } from "../../engine/environment";
import { withScratch } from "./support/scratch";

const user: NodeJS.ProcessEnv = {
  PATH: "/usr/bin",
  HOME: "/home/u",
  LANG: "C.UTF-8",
  PULUMI_ACCESS_TOKEN: "pul-secret",
  PULUMI_STACK: "prod",
  PULUMI_CONFIG_PASSPHRASE_FILE: "/home/u/passphrase",
  PULUMI_BACKEND_URL: "s3://states",
  PROXMOX_VE_API_TOKEN: "root@pam!t=secret",
  CLOUDFLARE_API_TOKEN: "secret",
  DIGITALOCEAN_TOKEN: "secret",
};

describe("the environment of lab and tests", () => {
  test("has state, home and passphrase of its own, and the engine first on PATH", () =>
    withScratch((folder) => {
      const dir = join(folder, "lab");
      const env = engineEnvironment({ engine: { bin: "/e/bin", origin: "official" }, dir, passphrase: "p", env: user });
      expect(env).toMatchObject({
        PATH: "/e/bin:/usr/bin",
        HOME: "/home/u",
        LANG: "C.UTF-8",
        PULUMI_HOME: join(dir, "home"),
        PULUMI_BACKEND_URL: `file://${join(dir, "state")}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "p",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_PARALLEL: "32",
      });
      expect(existsSync(join(dir, "state"))).toBe(true);
      expect(statSync(join(dir, "home")).mode & 0o777).toBe(0o700);
    }));

  test("has nothing of the user's own, even where it is laid over the environment of this process", () =>
    withScratch((folder) => {
      const env = engineEnvironment({
        engine: { bin: "/e", origin: "official" },
        dir: folder,
        passphrase: "p",
        env: user,
      });
      expect(JSON.stringify({ ...user, ...env })).not.toMatch(/secret|prod|s3:|\/home\/u\/passphrase/);
    }));

  test("asks for no plugins where the engine had to be built here", () =>
    withScratch((folder) => {
      const of = (origin: "go" | "official"): NodeJS.ProcessEnv =>
        engineEnvironment({ engine: { bin: "/e", origin }, dir: folder, passphrase: "p", env: {} });
      expect(of("go").PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION).toBe("true");
      expect(of("official")).not.toHaveProperty("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION");
    }));
});
