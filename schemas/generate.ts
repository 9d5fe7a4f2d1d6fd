/**
 * Writes the JSON Schemas anew, `npm run schema`: that of a stack file after each change to the house's schemas, and Compose's
 * own as the linter brings it along, after each update of that.
 */
import { copyFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stackSchemaText } from "../house/stackSchema";

/** The compiled file lies in bin/schemas. */
const schemas = resolve(__dirname, "../../schemas");
writeFileSync(join(schemas, "stack.schema.json"), stackSchemaText());
const linter = dirname(require.resolve("dclint/package.json"));
copyFileSync(join(linter, "schemas/compose.schema.json"), join(schemas, "compose.schema.json"));
