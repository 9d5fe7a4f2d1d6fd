/** Serves a plugin on a free port of this machine. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Plugin, type PluginDefinition } from "./plugin";
import { providerService } from "./service";

/** A house's user data or a list of rules is no reason to fail: as much as the engine's own servers take. */
const LARGEST = 400 * 1024 * 1024;

export interface ServedPlugin {
  readonly port: number;
  close(): void;
}

export function servePlugin(definition: PluginDefinition): Promise<ServedPlugin> {
  const server = new Server({ "grpc.max_receive_message_length": LARGEST });
  server.addService(ResourceProviderService, providerService(new Plugin(definition)));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
      if (error) {
        reject(error);
        return;
      }
      resolve({
        port,
        close: () => {
          server.forceShutdown();
        },
      });
    });
  });
}
