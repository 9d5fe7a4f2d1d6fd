/** The lab's Proxmox: an HTTPS server on 127.0.0.1 that answers as PVE 8.4 does. Touches its port and its state file. */
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { CallLog } from "./calls";
import { fingerprintOf, keptCertificate, selfSigned, type Certificate } from "./certificate";
import type { Faults } from "./faults";
import { Lab } from "./lab";
import type { ProxmoxOptions } from "./options";
import type { World } from "./world";

export type { ProxmoxOptions } from "./options";

export interface LabProxmox {
  readonly url: string;
  /** SHA-256, `AA:BB:...`. */
  readonly fingerprint: string;
  readonly certificate: Certificate;
  readonly controlKey: string;
  readonly world: World;
  readonly calls: CallLog;
  readonly faults: Faults;
  /** What a program on the node itself does with the API, as root@pam. @throws Problem */
  readonly asRoot: Lab["asRoot"];
  /** Answers with another certificate from here on, as after its renewal; open connections end. */
  present(certificate: Certificate): void;
  close(): Promise<void>;
}

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

/** Beside the state it is kept, so that the fingerprint survives a restart as the world does. */
const certificateFor = ({ stateFile }: ProxmoxOptions): Promise<Certificate> =>
  stateFile === undefined ? selfSigned() : keptCertificate(`${stateFile}.certificate`);

/** Starts it and resolves when it answers. @throws where the port is taken or the state file is none of the lab's */
export async function startProxmox(options: ProxmoxOptions = {}): Promise<LabProxmox> {
  const certificate = options.certificate ?? (await certificateFor(options));
  const fingerprint = fingerprintOf(certificate.cert);
  const lab = new Lab(options, fingerprint);
  const server = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
    void lab.answer(request, response);
  });
  server.keepAliveTimeout = 15_000;
  const port = await listen(server, options.port ?? 0);
  await lab.open();
  return {
    url: `https://127.0.0.1:${port}`,
    fingerprint,
    certificate,
    controlKey: lab.controlKey,
    world: lab.world,
    calls: lab.calls,
    faults: lab.faults,
    asRoot: lab.asRoot,
    present: ({ cert, key }) => {
      server.setSecureContext({ cert, key });
      server.closeAllConnections();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeAllConnections();
      await lab.close();
      await closed;
    },
  };
}
