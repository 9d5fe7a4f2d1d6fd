/** The API's address as people write it. Pure. */
import type { Problem } from "../../values/problem";

/** The origin of `https://host[:port]`; a trailing `/` or `/api2/json` is taken as the API's own. */
export function parseEndpoint(path: string, text: string): string | Problem {
  // A URL with a password in it must not be shown.
  if (text.includes("@")) {
    return { path, rule: "holds a user or password", fix: "set user and password, or an API token, by themselves" };
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "https:" || url.hostname === "") {
    return { path, value: text, rule: "must be an https URL", fix: "write it as https://192.168.86.106:8006" };
  }
  if (!["/", "/api2/json", "/api2/json/"].includes(url.pathname) || url.search !== "" || url.hash !== "") {
    return { path, value: text, rule: "must be host and port only", fix: `write ${url.origin}` };
  }
  return url.origin;
}
