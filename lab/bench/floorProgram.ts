/** The engine's own cost: dynamic resources without a lifecycle worth the name. Run by the engine, from bin/lab/bench. */
import * as pulumi from "@pulumi/pulumi";

class Nothing extends pulumi.CustomResource {
  constructor(name: string, args: pulumi.Inputs) {
    const forward = 'exports.handler = () => require("./floorLifecycle.js").lifecycle';
    super("pulumi-nodejs:dynamic/floor:Nothing", name, { ...args, __provider: forward });
  }
}

const count = new pulumi.Config("floor").requireNumber("resources");
for (let index = 0; index < count; index++) new Nothing(`nothing-${index}`, { index });
