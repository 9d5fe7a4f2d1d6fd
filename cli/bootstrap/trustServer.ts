/**
 * Decides whether a server is the one that the root password may be sent to: by the house's pin or CA, by the system's
 * CAs, or because a person compared the certificate's fingerprint. Opens one connection; sends nothing over it.
 */
import pc from "picocolors";
import type { House } from "../../house/schema";
import { greet } from "../../providers/proxmox/greet";
import { trustFrom, type Trust } from "../../providers/proxmox/trust";
import { formatProblem } from "../../values/problem";
import type { Person } from "../person";

export interface TrustQuestion {
  readonly endpoint: string;
  readonly tls: House["hypervisor"]["tls"];
  /** That a person gave, having compared it already. */
  readonly fingerprint?: string;
  readonly person?: Person;
  readonly print: (line: string) => void;
}

export interface Trusted {
  readonly trust: Trust;
  /** A fingerprint that the house doesn't have yet. */
  readonly pinned?: string;
}

const COMMAND = "openssl x509 -noout -fingerprint -sha256 -in /etc/pve/local/pve-ssl.pem";

/** @throws Error where the certificate is another one, or nobody said that it is right. */
export async function trustServer(question: TrustQuestion): Promise<Trusted> {
  const { endpoint, tls, fingerprint, person, print } = question;
  const configured = parsed({
    tls: tls?.fingerprint === undefined && fingerprint !== undefined ? { fingerprint } : tls,
  });
  // A CA's certificate is verified by the connection itself, before a byte is sent.
  if (configured.kind === "ca") return { trust: configured };
  const seen = await greet(endpoint);
  print(`${endpoint} shows the certificate ${pc.bold(seen.fingerprint)}`);
  if (configured.kind === "pin") {
    if (configured.fingerprint !== seen.fingerprint) throw new Error(mismatch(configured.fingerprint, tls));
    return { trust: configured, ...(tls?.fingerprint === undefined && { pinned: seen.fingerprint }) };
  }
  if (seen.trusted) return { trust: configured };
  print(`It is signed by itself: compare it with what the node prints on its own shell\n  ${pc.dim(COMMAND)}`);
  if (!person) throw new Error(`nobody compared it, and no password was sent - compare it, then give --fingerprint`);
  if (!(await person.agrees("Is it the same?"))) throw new Error("then it is another machine's: no password was sent");
  return { trust: { kind: "pin", fingerprint: seen.fingerprint }, pinned: seen.fingerprint };
}

function parsed({ tls }: Pick<TrustQuestion, "tls">): Trust {
  const trust = trustFrom(tls);
  if ("rule" in trust) throw new Error(formatProblem(trust));
  return trust;
}

const mismatch = (wanted: string, tls: TrustQuestion["tls"]): string =>
  `${tls?.fingerprint === undefined ? "--fingerprint" : "hypervisor.tls.fingerprint"} is ${wanted}: no password was sent - ` +
  `compare the one above with what the node prints (${COMMAND}); where that is the new one, write it into the house`;
