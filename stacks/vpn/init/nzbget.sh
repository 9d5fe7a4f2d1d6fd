# Run by the container before NZBGet, each time it starts. The image's own settings keep everything in /downloads, which
# no other container knows. Where they are still the image's, and /downloads holds nothing that they could mean, they
# become the house's: downloads are put together on the VM's big disk, and unpacked to the library when they are complete.
# Settings that somebody made are left as they are.
#
# $1: what stands before every path, for trying this elsewhere.
root=${1-}
settings=$root/config/nzbget.conf
[ -f "$settings" ] || exit 0

untouched() {
  grep -qxF 'MainDir=/downloads' "$settings" && grep -qxF 'DestDir=${MainDir}/completed' "$settings"
}

# A folder that can't be looked into isn't an empty one.
if untouched && { [ ! -e "$root/downloads" ] || { held=$(ls -A "$root/downloads") && [ -z "$held" ]; }; }; then
  # InterDir, where files are put together and repaired, is in MainDir; it unpacks to a folder beside the result.
  sed -i \
    -e 's|^MainDir=/downloads$|MainDir=/cache/nzbget|' \
    -e 's|^DestDir=\${MainDir}/completed$|DestDir=/data/downloads/complete|' \
    "$settings" || exit
  echo "NZBGet downloads to /cache/nzbget, and moves what is complete to /data/downloads/complete"
fi

# NZBGet itself may not make a folder there.
if grep -qxF 'MainDir=/cache/nzbget' "$settings" && [ ! -d "$root/cache/nzbget" ]; then
  mkdir "$root/cache/nzbget" && chown "$PUID:$PGID" "$root/cache/nzbget"
fi
