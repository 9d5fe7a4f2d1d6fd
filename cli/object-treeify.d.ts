/** The types that object-treeify 4.0.0, its last CommonJS release, does not bring along. */
declare module "object-treeify" {
  interface Branch {
    readonly [label: string]: Branch | null;
  }
  export default function treeify(tree: Branch): string;
}
