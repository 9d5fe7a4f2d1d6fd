/**
 * One recorded exchange with a real Proxmox, as the files of recordings hold it: one JSON object a line.
 * Reads those files; touches nothing else.
 */
import { readFileSync } from "node:fs";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Pairs where a key was sent twice. */
export type RecordedParams = Readonly<Record<string, Json>> | readonly (readonly [string, Json])[];

export interface Exchange {
  /** Order within its file; intermediate polls were left out of the recordings, so numbers are missing. */
  readonly seq: number;
  readonly method: string;
  /** Below `/api2/json`, encoded, a query included where the request had one beside its body. */
  readonly path: string;
  readonly params: RecordedParams;
  readonly enc: "form" | "json";
  /** Whose credentials: `token`, `none`, `ticket:root@pam`, or one of the wrong kinds. */
  readonly auth: string;
  readonly status: number;
  readonly reason: string;
  readonly body: Json;
  /** Where the answer was not JSON. */
  readonly rawBody?: string;
  /** Where the request's body was written by hand. */
  readonly rawRequestBody?: string;
  readonly note?: string;
  /** Whether the real server answered the same again when it was asked all of it a second time. */
  readonly stable: boolean;
}

/** The exchanges of a file, in order. */
export function readExchanges(path: string): Exchange[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Exchange);
}

/** The parameters as pairs, however they were recorded. */
export function paramPairs(params: RecordedParams): readonly (readonly [string, Json])[] {
  return isPairs(params) ? params : Object.entries(params);
}

function isPairs(params: RecordedParams): params is readonly (readonly [string, Json])[] {
  return Array.isArray(params);
}
