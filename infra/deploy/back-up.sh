#!/bin/sh
# One backup a night into a folder, under a name for each day of the week: that of a week ago gives way when its
# successor is whole. From the root of a checkout or of an image.
set -eu
file="$1/signalbox-$(date -u +%u).backup"
rm -f "$file.new"
node signalbox.mjs db backup "$file.new"
mv "$file.new" "$file"
