/** Writes schemas/stack.schema.json anew from the house's schemas: `npm run schema`, after each change to them. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { stackSchemaText } from "../house/stackSchema";

/** The compiled file lies in bin/schemas. */
writeFileSync(resolve(__dirname, "../../schemas/stack.schema.json"), stackSchemaText());
