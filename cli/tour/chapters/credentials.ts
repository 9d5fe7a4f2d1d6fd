/** A credential is replaced and the old one revoked: everything goes on with today's. */
import { LAB_TOKEN } from "../../../lab/proxmox/seeds";
import { expecting, type Chapter } from "../chapter";
import { CLEAN } from "../stage";

const HYPERVISOR = "pulumi-nodejs:hypervisor";

export const credentials: Chapter = {
  title: "Credentials are replaced",
  async play(stage, say) {
    // By a token alone: a password beside it would be one credential too many.
    stage.change(
      [[HYPERVISOR, "user"], undefined],
      [[HYPERVISOR, "password"], undefined],
      [[HYPERVISOR, "apiToken"], `root@pam!lab=${LAB_TOKEN}`],
    );
    await stage.pulumi(CLEAN);
    const path = "/access/users/root@pam/token";
    const { value } = await stage.hands.post<{ value: string }>(`${path}/next`, { privsep: 0 });
    await stage.hands.delete(`${path}/lab`);
    const refused = await stage.pulumi(["preview", "--refresh"], 1);
    expecting("the old token refused", refused.includes("401"), refused);
    say("a new token is made, the old one revoked: the next run says 401, and loses nothing");
    stage.change([[HYPERVISOR, "apiToken"], `root@pam!next=${value}`]);
    await stage.pulumi(CLEAN);
    say("the new one in the stack's configuration, nothing else: preview --refresh is clean");
  },
};
