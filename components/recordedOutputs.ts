/** What the last `up` of this stack exported. Asks the engine, which asks the backend; registers nothing. */
import * as pulumi from "@pulumi/pulumi";

interface StackOutputs {
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** `{}` before the first `up`. */
export async function recordedOutputs(): Promise<Readonly<Record<string, unknown>>> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  // A StackReference would be a resource of its own, written at every change of an output.
  const read = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as StackOutputs;
  return read.outputs;
}
