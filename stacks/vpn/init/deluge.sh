# Run by the container before Deluge, each time it starts. The image's own settings keep everything in /downloads, which
# no other container knows. Where they are still the image's, and /downloads holds nothing that they could mean, they
# become the house's: downloads are put together on the VM's big disk, and go to the library when they are complete; and
# the plugin is on by which the arrs tell theirs from others.
# Settings that somebody made are left as they are.
#
# $1: what stands before every path, for trying this elsewhere.
root=${1-}
settings=$root/config/core.conf
[ -f "$settings" ] || exit 0

untouched() {
  grep -qF '"download_location": "/downloads"' "$settings" &&
    grep -qF '"move_completed": false' "$settings" &&
    grep -qF '"move_completed_path": "/downloads"' "$settings"
}

# A folder that can't be looked into isn't an empty one.
if untouched && { [ ! -e "$root/downloads" ] || { held=$(ls -A "$root/downloads") && [ -z "$held" ]; }; }; then
  sed -i \
    -e 's|"download_location": "/downloads"|"download_location": "/cache/deluge"|' \
    -e 's|"move_completed": false|"move_completed": true|' \
    -e 's|"move_completed_path": "/downloads"|"move_completed_path": "/data/downloads/complete"|' \
    -e 's|"enabled_plugins": \[\]|"enabled_plugins": ["Label"]|' \
    "$settings" || exit
  echo "Deluge downloads to /cache/deluge, and moves what is complete to /data/downloads/complete"
fi

# Deluge itself may not make a folder there.
if grep -qF '"download_location": "/cache/deluge"' "$settings" && [ ! -d "$root/cache/deluge" ]; then
  mkdir "$root/cache/deluge" && chown "$PUID:$PGID" "$root/cache/deluge"
fi
