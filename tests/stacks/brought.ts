/**
 * The stacks that the project itself brings along. Tests hold these, and only these, against the seed's house and the docs:
 * a service of somebody's own is a folder and a line, and no third step here.
 */
const BROUGHT = new Set([
  ...["audiobookshelf", "emby", "flaresolverr", "homepage", "huntarr", "immich", "lidarr", "linkwarden", "navidrome"],
  ...[
    "newt",
    "paperless-ngx",
    "portainer",
    "prowlarr",
    "radarr",
    "seerr",
    "sonarr",
    "vaultwarden",
    "vpn",
    "watchtower",
  ],
]);

export const isBrought = (stack: string): boolean => BROUGHT.has(stack);
