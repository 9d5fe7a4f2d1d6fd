/** Types only: from what a resource is to what the program may say of it. */
import type * as pulumi from "@pulumi/pulumi";

/**
 * The properties of a resource, each of which may come out of another resource. `deletable` may not: it decides what
 * the engine does with a resource that left the program, and has to be plain for that.
 */
export type Wired<Spec> = Spec extends { readonly deletable?: boolean }
  ? {
      readonly [K in keyof Omit<Spec, "deletable">]: pulumi.Input<NonNullable<Spec[K]>> | Extract<Spec[K], undefined>;
    } & { readonly deletable?: boolean }
  : never;
