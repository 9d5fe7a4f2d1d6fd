/** The one place where requests are repeated: bounded, and only where nothing can have happened. */
import { backOff } from "exponential-backoff";
import { ProxmoxError } from "./client";
import { isOuterLockTimeout } from "./classify";
import { explainSilence } from "./unreachable";

export interface RetryOptions {
  /** @default 4 */
  readonly attempts?: number;
  /** Wait before the second attempt; doubles each time, with jitter. @default 250 */
  readonly firstDelayMs?: number;
}

/** Repeats an operation while its error says that a repetition is safe and may help; throws the last error. */
export function repeating<T>(
  operation: () => Promise<T>,
  may: (error: unknown) => boolean = mayRepeatRequest,
  { attempts = 4, firstDelayMs = 250 }: RetryOptions = {},
): Promise<T> {
  return backOff(operation, { numOfAttempts: attempts, startingDelay: firstDelayMs, jitter: "full", retry: may });
}

/**
 * For a request together with its task, such as a resize, whose checks run in the task: repeats both where the task ended
 * before it had the VM's lock. The request by itself is repeated already.
 */
export const mayRepeatTask = (error: unknown): boolean =>
  error instanceof ProxmoxError && error.task !== undefined && error.noEffect === true;

/**
 * Whether a request may be sent again. A change whose connection dropped after it was sent may have happened, and so may
 * one that a proxy gave up on (596): those are never repeated, whatever they would be worth.
 */
export function mayRepeatRequest(error: unknown): boolean {
  if (!(error instanceof ProxmoxError) || error.task !== undefined) return false;
  if (error.status !== undefined) {
    if (isOuterLockTimeout(error.text, error.path)) return true;
    return error.method === "GET" && (error.status >= 595 || [502, 503, 504].includes(error.status));
  }
  if (error.cause === undefined) return false;
  // The endpoint is for the words only.
  const { kind } = explainSilence(error.cause, "https://server");
  if (kind === "refused" || kind === "unresolved") return error.noEffect === true;
  return kind === "dropped" && error.method === "GET";
}
