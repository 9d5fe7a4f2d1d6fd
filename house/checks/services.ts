/** What a VM's services say of their end goes together. Pure. */
import type { Problem } from "../../values/problem";
import type { Draft } from "../schema";

export const serviceProblems = ({ vms = {} }: Draft): Problem[] =>
  Object.entries(vms).flatMap(([vm, { services }]) =>
    services.flatMap(({ stack, deletable, deleteVolumes }, index) =>
      deleteVolumes === true && deletable !== true
        ? [
            {
              path: `vms.${vm}.services.${index}.${stack}.deleteVolumes`,
              value: "true",
              rule: "volumes go only with a stack that may go",
              fix: "say deletable: true as well, or leave it out",
            },
          ]
        : [],
    ),
  );
