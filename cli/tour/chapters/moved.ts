/** The subnet is renumbered as one line: its preview, and what a person has to do. */
import { changeLines, expecting, type Chapter } from "../chapter";

export const moved: Chapter = {
  title: "The subnet is renumbered: one line",
  async play(stage, say) {
    const cidr = ["pulumi-nodejs:network", "cidr"];
    const moveBack = stage.change([cidr, "10.20.30.0/24"]);
    stage.writes();
    const preview = await stage.pulumi(["preview", "--diff"]);
    expecting("no write of a preview", stage.writes().length === 0);
    const steps = changeLines(preview, /^(?:warning: )?network: |^\d+\. /);
    expecting("the steps for a person", steps.length > 8, preview);
    expecting("the storage's new server", preview.includes('"192.168.86.43" => "10.20.30.43"'), preview);
    for (const line of steps) say(line.replace(/^warning: /, ""));
    moveBack();
  },
};
