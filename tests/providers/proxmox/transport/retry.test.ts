import fc from "fast-check";
import { ProxmoxError } from "../../../../providers/proxmox/client";
import { mayRepeatRequest, mayRepeatTask, repeating } from "../../../../providers/proxmox/retry";
import { ConnectFailure } from "../../../../providers/proxmox/tls";
import { explainSilence } from "../../../../providers/proxmox/unreachable";

const LOCK = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
const CODES = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ECONNRESET",
  "EPIPE",
  "UND_ERR_SOCKET",
  "UND_ERR_HEADERS_TIMEOUT",
];

const socketError: fc.Arbitrary<Error> = fc
  .tuple(fc.constantFrom(...CODES), fc.boolean())
  .map(([code, connected]): Error => {
    const error = Object.assign(new Error(code), { code });
    return connected ? error : new ConnectFailure(error);
  });

const anyError = (methods: readonly string[]): fc.Arbitrary<ProxmoxError> => {
  const method = fc.constantFrom(...methods);
  const path = "/nodes/pve/qemu/100/config";
  const silent = fc.tuple(method, socketError).map(([asked, cause]) => {
    const { text, noEffect } = explainSilence(cause, "https://pve:8006");
    return new ProxmoxError({ method: asked, path, text, noEffect }, { cause });
  });
  const answered = fc
    .tuple(
      method,
      fc.constantFrom(400, 401, 403, 500, 501, 502, 503, 504, 595, 596, 599),
      fc.constantFrom("x", "VM is locked (backup)"),
    )
    .map(([asked, status, text]) => new ProxmoxError({ method: asked, path, status, text }));
  return fc.oneof(silent, answered);
};

it("repeats no change that may have happened, whatever the error", () => {
  fc.assert(
    fc.property(anyError(["POST", "PUT", "DELETE"]), (error) => {
      expect(mayRepeatRequest(error) && error.noEffect !== true).toBe(false);
    }),
  );
});

it("repeats nothing that was answered for a reason of its own", () => {
  fc.assert(
    fc.property(anyError(["GET", "PUT"]), (error) => {
      fc.pre(error.status !== undefined && error.status < 502);
      expect(mayRepeatRequest(error)).toBe(false);
    }),
  );
});

it("repeats neither other errors nor a task's, which only its own request may start anew", () => {
  const task = { upid: "UPID:...", type: "resize", id: "100", log: [] };
  const lock = new ProxmoxError({ method: "GET", path: "/t", text: LOCK, noEffect: true, task });
  expect(mayRepeatRequest(new TypeError("a bug"))).toBe(false);
  expect(mayRepeatRequest(lock)).toBe(false);
  expect(mayRepeatTask(lock)).toBe(true);
  expect(mayRepeatTask(new ProxmoxError({ method: "PUT", path: "/t", status: 500, text: LOCK, noEffect: true }))).toBe(
    false,
  );
});

it("ends with the last error after the attempts it has", async () => {
  let nth = 0;
  const operation = (): Promise<never> => {
    nth += 1;
    return Promise.reject(new Error(`attempt ${nth}`));
  };
  await expect(repeating(operation, () => true, { attempts: 3, firstDelayMs: 1 })).rejects.toThrow("attempt 3");
  nth = 0;
  await expect(repeating(operation, () => false)).rejects.toThrow("attempt 1");
});
