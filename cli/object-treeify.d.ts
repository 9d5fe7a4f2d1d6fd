/** The types that object-treeify's CommonJS releases do not bring along. */
declare module "object-treeify" {
  interface Branch {
    readonly [label: string]: Branch | null;
  }
  export default function treeify(tree: Branch): string;
}
