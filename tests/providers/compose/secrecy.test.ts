/** No message shows a secret in any form, and none is blanked out by a value that is no secret worth the name. */
import fc from "fast-check";
import { withoutSecrets } from "../../../providers/compose/secrecy";

const stack = (env: Record<string, string>, secrets?: string[]) => ({
  ...{ project: "site", services: { web: { image: "web:1" }, postgres: { image: "postgres:17" } } },
  env,
  secrets,
});

const said = async (
  message: string,
  stacks: readonly ReturnType<typeof stack>[],
  own: Record<string, string> = {},
): Promise<string> => {
  const error: unknown = await withoutSecrets(stacks, own, () => Promise.reject(new Error(message))).catch(
    (thrown: unknown) => thrown,
  );
  const { message: shown, cause } = error as Error;
  expect(cause).toBeUndefined();
  return shown;
};

const URL = "discord://hook-token@4711";

test("a value that the house marks is hidden, whatever its variable is called", async () => {
  const marked = stack({ WATCHTOWER_NOTIFICATION_URL: URL, TZ: "Europe/Berlin" }, ["WATCHTOWER_NOTIFICATION_URL"]);
  expect(await said(`no such hook: ${URL} in Europe/Berlin`, [marked])).toBe("no such hook: [secret] in Europe/Berlin");
});

test("so is what the former release had, and the guest's own that sounds like a secret", async () => {
  const [now, before] = [stack({ TOKEN: "new-token-1" }, ["TOKEN"]), stack({ TOKEN: "old-token-1" }, ["TOKEN"])];
  const own = { SMTP_PASSWORD: "by-hand-1", TOKEN: "edited-by-hand", EXTRA: "plain-text" };
  expect(await said("new-token-1 old-token-1 by-hand-1 edited-by-hand plain-text", [now, before], own)).toBe(
    "[secret] [secret] [secret] [secret] plain-text",
  );
});

test("a name decides only where the house doesn't say", async () => {
  const env = { KEYBOARD: "dvorak-intl", KEY_FILE: "/etc/some.pem" };
  expect(await said("dvorak-intl /etc/some.pem", [stack(env, [])], env)).toBe("dvorak-intl /etc/some.pem");
  expect(await said("dvorak-intl /etc/some.pem", [stack(env)], env)).toBe("[secret] [secret]");
});

test("short ones are hidden as words of their own; trivial ones, and names that are told anyway, stay", async () => {
  const env = { A: "moon", B: "true", C: "8080", D: "x", E: "postgres", F: "", G: "a.b*" };
  const text = "moon moonlight: postgres is true on 8080, max x; a.b* aXbb";
  expect(await said(text, [stack(env, Object.keys(env))])).toBe(
    "[secret] moonlight: postgres is true on 8080, max x; [secret] aXbb",
  );
});

test("one over several lines is hidden as a whole, and in each of its lines", async () => {
  const key = "-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----\n";
  const marked = stack({ CERT: key }, ["CERT"]);
  expect(await said(`bad: ${key}; near MIIEvQIBADANBg; ${JSON.stringify(key)}`, [marked])).toBe(
    'bad: [secret]; near [secret]; "[secret]"',
  );
});

test("whatever the value is, none of the forms in which programs quote it is left", async () => {
  const value = fc.string({ unit: fc.constantFrom("'", '"', "\\", "$", "#", " ", "%", "/", "Q", "Z"), minLength: 8 });
  await fc.assert(
    fc.asyncProperty(value, async (secret) => {
      fc.pre(/[QZ]{3}/.test(secret));
      const message = `${secret} ${JSON.stringify(secret)} ${encodeURIComponent(secret)} ${secret.replaceAll("$", "$$$$")}`;
      expect(await said(message, [stack({ V: secret }, ["V"])])).not.toMatch(/[QZ]/);
    }),
  );
});

test("an error without secrets in it stays the one that it was", async () => {
  const error = new TypeError("docker: not found");
  await expect(withoutSecrets([stack({ V: URL }, ["V"])], {}, () => Promise.reject(error))).rejects.toBe(error);
  await expect(withoutSecrets([], {}, () => Promise.resolve(3))).resolves.toBe(3);
});
