/** What is said of a connection that didn't come about, where no real server is asked: an agent's keys. */
import { explain } from "../../../providers/ssh/explain";
import type { SshTarget } from "../../../providers/ssh/target";

const target: SshTarget = {
  address: "192.168.86.172",
  user: "evan",
  auth: { kind: "agent" },
  setting: "pulumi-nodejs:ssh",
  elsewhere: { user: "vms.emby.guest.user" },
};

const failure = (message: string, level?: string): Error => Object.assign(new Error(message), { level });

test.each([
  [
    failure("Too many authentication failures"),
    "the SSH agent offers more keys than the host lets anybody try (MaxAuthTries) - set pulumi-nodejs:ssh.key to the one",
  ],
  [
    failure("All configured authentication methods failed", "client-authentication"),
    "the host doesn't let evan in with any key of the SSH agent - check them with ssh-add -l, and vms.emby.guest.user;",
  ],
  [failure("Failed to connect to agent", "agent"), "the SSH agent: Failed to connect to agent - check it with ssh-add"],
])("%s is told with what to do", (cause, said) => {
  const { error, passing } = explain(target, cause);
  expect(error).toMatchObject({ kind: "denied", noEffect: true });
  expect(error.message).toContain(`evan@192.168.86.172: ${said}`);
  expect(passing).toBe(false);
});
