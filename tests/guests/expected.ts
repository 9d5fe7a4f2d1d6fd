/** What can be seen of the scenario, on whatever guests it is played. */
import type { Facts, Services } from "./scenario";

const WELL = "image running, healthy";

const first: Services = {
  "emby/emby": WELL,
  "newt/newt": WELL,
  "portainer/portainer": WELL,
  "watchtower/watchtower": WELL,
};

const next: Services = { ...first, "portainer/portainer": "image-next running, healthy" };

export const EXPECTED: Facts = {
  up: {
    first,
    second: { "flaresolverr/flaresolverr": WELL, "portainer/portainer": WELL, "watchtower/watchtower": WELL },
  },
  found: [
    "first-emby: services.emby.state",
    "first-inspector: authorizedKeys.[1]",
    "first-inspector: sudo",
    "first-nas: mounted",
    "first-portainer: files.docker-compose.yml",
    "first-portainer: services.portainer.state",
    "first-watchtower: services.extra",
    "first: enabled",
    "first: otherKeys",
    "first: others.[0]",
    "first: passwords",
  ],
  // One that was stopped is started, one that was made right stays: none of them is another container.
  repaired: { services: first, anew: [] },
  // The one before, this one, and what somebody's hands had written in its place.
  updated: { services: next, anew: ["portainer/portainer"], releases: 3 },
  failed: {
    said: [
      "stack portainer on first: release RELEASE did not come up, release RELEASE is back",
      "service portainer is starting again and again; its log ends:",
      "ends at once, as its version says",
    ],
    services: next,
    anew: ["portainer/portainer"],
  },
  back: first,
  // Two were taken away, one of them with its volume; what is nobody's stays.
  gone: { services: { "portainer/portainer": WELL }, volumes: ["watchtower_kept"] },
};
