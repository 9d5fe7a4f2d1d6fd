/** A VM's cloud-init drive. Its addresses follow from the VM's `address` and the network. Pure. */
import { z } from "zod";
import { address, domain } from "../vocabulary";
import { diskSlot } from "./disk";
import { storageId } from "./storage";

/** Where Proxmox's own dialogue puts the drive. */
export const CLOUD_INIT_SLOT = "ide2";

const sshKey = z.string().regex(/^(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]+=*( .*)?$/, {
  error: "is no OpenSSH public key - paste one line of a .pub file",
});

export const cloudInit = z
  .strictObject({
    slot: diskSlot.default(CLOUD_INIT_SLOT).meta({ description: "Slot of the drive." }),
    storage: storageId.meta({ description: "Storage of the generated image." }),
    user: z.string().optional().meta({ description: "The guest's first user." }),
    sshKeys: z.array(sshKey).optional().meta({ description: "OpenSSH public keys." }),
    nameservers: z.array(address).optional().meta({ description: "Default: the network's dns" }),
    searchDomain: domain.optional().meta({ description: "Default: Proxmox's" }),
  })
  .meta({ description: "A cloud-init drive. The guest sees changes at its next boot." });
