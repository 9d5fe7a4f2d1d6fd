/**
 * A recorded request in terms of the live server: its names instead of the recorded ones, its parameters encoded as
 * they were. Pure but for the names that are bound.
 */
import type { OutgoingHttpHeaders } from "node:http";
import { type Exchange, type Json, paramPairs } from "./exchange";
import type { Names } from "./names";
import type { WireRequest } from "./wire";

const form = "application/x-www-form-urlencoded";

/** @param headers the credentials' */
export function liveRequest(exchange: Exchange, headers: OutgoingHttpHeaders, names: Names): WireRequest {
  const { method } = exchange;
  const path = livePath(exchange.path, names);
  if (exchange.rawRequestBody !== undefined) {
    return { method, path, headers: { ...headers, "Content-Type": rawType(exchange) }, body: exchange.rawRequestBody };
  }
  const pairs = paramPairs(exchange.params).map(([key, value]) => [key, liveValue(value, names)] as const);
  if (method === "GET" || method === "DELETE") return { method, path, headers, query: encodePairs(pairs) };
  if (exchange.enc === "json") {
    const body = JSON.stringify(Object.fromEntries(pairs));
    return { method, path, headers: { ...headers, "Content-Type": "application/json" }, body };
  }
  return { method, path, headers: { ...headers, "Content-Type": form }, body: encodePairs(pairs) };
}

function livePath(path: string, names: Names): string {
  const [route = "", query] = path.split("?", 2);
  const live = route.split("/").map((part) => {
    const plain = decodeURIComponent(part);
    const translated = names.toLive(plain);
    return translated === plain ? part : encodeURIComponent(translated);
  });
  return live.join("/") + (query === undefined ? "" : `?${query}`);
}

function liveValue(value: Json, names: Names): Json {
  return typeof value === "string" ? names.toLive(value) : value;
}

function encodePairs(pairs: readonly (readonly [string, Json])[]): string {
  return pairs.map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(formText(value))}`).join("&");
}

function formText(value: Json): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function rawType(exchange: Exchange): string {
  if (exchange.rawRequestBody?.startsWith("{")) return "application/json";
  return exchange.note === "text/plain" ? "text/plain" : form;
}
