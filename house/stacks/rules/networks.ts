/** Ports are plain and lead somewhere; containers that share a network are bound to the one whose it is. Pure. */
import type { Problem } from "../../../values/problem";
import type { Stack, StackService } from "../stack";

function portProblems(path: string, { ports, network }: StackService): Problem[] {
  if (network.kind !== "own" && ports.length > 0) {
    const fix = network.kind === "service" ? `move them to services.${network.service}` : "take them out";
    return [{ path: `${path}.ports`, rule: "it has no network of its own to publish them on", fix }];
  }
  return ports
    .filter(({ published }) => published === undefined)
    .map(({ text }) => ({
      path: `${path}.ports`,
      value: text,
      rule: "has no fixed number on the VM: nobody can find it, or see that it is taken",
      fix: 'write both sides as numbers, one port each: "8080:80"',
    }));
}

function sharedProblems(path: string, { network, dependsOn }: StackService, stack: Stack): Problem[] {
  if (network.kind === "other") {
    const rule = "joins a network that the stack doesn't own: made anew, that one leaves this container without any";
    return [{ path: `${path}.network_mode`, value: network.mode, rule, fix: "put both into one stack: service:NAME" }];
  }
  if (network.kind !== "service") return [];
  if (stack.services[network.service] === undefined) {
    const rule = "there is no such service in the stack";
    return [{ path: `${path}.network_mode`, value: `service:${network.service}`, rule, fix: "name one that it has" }];
  }
  const bound = dependsOn[network.service];
  if (bound?.condition === "service_healthy" && bound.restart) return [];
  return [
    {
      path: `${path}.depends_on.${network.service}`,
      rule: "it would run without network: before that service is up, and after it restarted",
      fix: "set { condition: service_healthy, restart: true }",
    },
  ];
}

/** The service that a port of this one would be published by. */
function publisher(stack: Stack, service: StackService): StackService | undefined {
  return service.network.kind === "service" ? stack.services[service.network.service] : service;
}

function webProblems(stack: Stack): Problem[] {
  return Object.entries(stack.web).flatMap(([name, { port, service = name }]) => {
    const path = `x-infinity.web.${name}`;
    const found = stack.services[service];
    if (!found)
      return [{ path, value: service, rule: "there is no such service in the stack", fix: "set its service: NAME" }];
    const owner = publisher(stack, found);
    const open = owner?.network.kind === "host" || owner?.ports.some(({ published }) => published === port);
    if (open) return [];
    const fix = "publish it, or correct the port: it is the one on the VM";
    return [{ path: `${path}.port`, value: String(port), rule: "is not published on the VM", fix }];
  });
}

/** What is on the host's network takes ports of the VM without a word in the file. */
function hostProblems({ services, ports }: Stack): Problem[] {
  const onHost = Object.entries(services).filter(([, { network }]) => network.kind === "host");
  const [first] = onHost;
  if (first && ports === undefined) {
    const rule = "takes ports of the VM that nobody sees: another stack may want them";
    const fix = 'list those beside its web interfaces under x-infinity.ports: ["1900/udp"], or [] where there are none';
    return [{ path: `services.${first[0]}.network_mode`, value: "host", rule, fix }];
  }
  if (first || ports === undefined) return [];
  const rule = "no container is on the host's network";
  return [{ path: "x-infinity.ports", value: ports.join(", "), rule, fix: "take it out: ports are published" }];
}

export const networkProblems = (stack: Stack): Problem[] => [
  ...Object.entries(stack.services).flatMap(([name, service]) => [
    ...portProblems(`services.${name}`, service),
    ...sharedProblems(`services.${name}`, service, stack),
  ]),
  ...webProblems(stack),
  ...hostProblems(stack),
];
