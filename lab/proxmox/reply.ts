/** Answers as pveproxy sends them: the error's text as reason phrase and in the body, `data` around results. */
import type { ServerResponse } from "node:http";
import type { Page } from "./cluster/routes";
import type { Problem } from "./wire/problem";

const JSON_TYPE = "application/json;charset=UTF-8";

/** A reason phrase is one line of visible Latin-1. */
const phrase = (text: string): string =>
  text
    .split("\n", 1)
    .join("")
    .replace(/[^\t\x20-\x7e\xa0-\xff]/g, "?");

export function sendData(response: ServerResponse, result: unknown): void {
  const body = isPage(result) ? result : { data: result ?? null };
  response.writeHead(200, "OK", { "Content-Type": JSON_TYPE, "Cache-Control": "max-age=0" });
  response.end(JSON.stringify(body));
}

const isPage = (result: unknown): result is Page =>
  typeof result === "object" && result !== null && "total" in result && "data" in result;

export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (problem.bare) {
    response.writeHead(problem.status, phrase(problem.text), { "Content-Type": "text/plain" });
    response.end(problem.status === 401 || problem.text.startsWith("method '") ? "" : problem.text);
    return;
  }
  const message = problem.status === 501 ? problem.text : `${problem.text}\n`;
  response.writeHead(problem.status, phrase(problem.text), { "Content-Type": JSON_TYPE });
  response.end(JSON.stringify({ data: null, message, ...(problem.errors ? { errors: problem.errors } : {}) }));
}
