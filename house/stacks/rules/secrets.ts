/** No secret stands in a stack's files: its Compose file names variables, and `.env.example` leaves secret ones empty. Pure. */
import type { Problem } from "../../../values/problem";
import { usesIn } from "../interpolation";
import type { Judged } from "./stack";

/** Names that hold a secret wherever they occur; a file that holds one is none itself. */
const SECRET_NAME = /(PASS|PASSWORD|PASSWD|SECRET|TOKEN|KEY)$/;

const isSecretName = (name: string): boolean => SECRET_NAME.test(name.toUpperCase());

export function secretProblems({ stack, compose, variables }: Judged): Problem[] {
  const secret = new Set(variables.flatMap(({ name, source }) => (source.kind === "secret" ? [name] : [])));
  const inServices = Object.entries(compose.services).flatMap(([service, { environment }]) =>
    Object.entries(environment)
      .filter(([name, value]) => isSecretName(name) && !fromSecret(name, value, secret))
      .map(([name]) => ({
        path: `services.${service}.environment.${name}`,
        // The value could be one.
        rule: "is a secret by its name, and doesn't come from one",
        fix: "take it from a variable that .env.example marks [secret]: ${NAME:?}",
      })),
  );
  const asFiles = Object.entries(compose.secrets)
    .filter(([, { environment }]) => environment === undefined || !secret.has(environment))
    .map(([name]) => ({
      path: `secrets.${name}`,
      rule: "is a secret that doesn't come from a variable marked [secret]",
      fix: "set environment: NAME",
    }));
  const named = stack.variables
    .filter(({ name, source }) => source.kind !== "secret" && isSecretName(name))
    .map(({ name }) => ({
      path: `x-infinity, ${name}`,
      rule: "is a secret by its name, and .env.example doesn't mark it as one",
      fix: "mark it [secret], or name it otherwise",
    }));
  return [...inServices, ...asFiles, ...named];
}

const fromSecret = (name: string, value: string | null, secret: ReadonlySet<string>): boolean =>
  value === null ? secret.has(name) : usesIn(value).some((use) => secret.has(use.name));
