/**
 * The sections `settings` and `secrets`: values of stacks' variables, where they aren't what the stack brings along. A
 * value is for every VM that runs the stack, or differs from VM to VM. Pure.
 */
import { z } from "zod";
import { label, secret } from "../vocabulary";

const variable = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, { error: "is no variable's name - write it as its stack's .env.example does" });

const valueMessage = "a setting is a text, a number, true or false - or a map of those by VM";

const value = z
  .union([z.string(), z.number(), z.boolean()], { error: valueMessage })
  .transform(String)
  // A line break would end it in .env.
  .refine((text) => !/[\r\n\0]/.test(text), { error: "has several lines - a variable has one" });

/** By stack, by variable; a map is by VM. */
export const settingsSection = z
  .record(label, z.record(variable, z.union([value, z.record(label, value)], { error: valueMessage })))
  .meta({ description: "Values of stacks' variables: by stack, by variable, and by VM where they differ." });

export const secretsSection = z.record(label, z.record(variable, z.union([secret, z.record(label, secret)]))).meta({
  description: "Secrets of stacks, the same way. Set them with `pulumi config set --secret --path`.",
});
