#!/bin/sh
# Brings 31 pieces of game music as MIDI files, by Debian's own tools, without installing anything: apt-get, dpkg-deb.
# They are OpenMSX, the free music set of OpenTTD, in the Debian package openttd-openmsx (GPL-2.0; composers in its readme.txt.gz).
# Usage: samples/music/fetch.sh [FOLDER]      (default music-data; 1 MB)
set -eu
folder=${1:-music-data}
package=openttd-openmsx_0.4.2-1_all.deb

check() { # SHA256 FILE
    echo "$1  $2" | sha256sum --check --status || { echo "fetch.sh: $2 is not what this script knows: expected SHA-256 $1" >&2; exit 1; }
}

mkdir -p "$folder" && cd "$folder"
[ -f $package ] || apt-get download openttd-openmsx=0.4.2-1
check 1a728a4ac37a1c614de1f597d3024caa7f54ce93d28f5b979b5758305b916a54 $package
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
dpkg-deb --extract $package "$temporary"
(cd "$temporary/usr/share/games/openttd/baseset/openmsx" && cat *.mid) > "$temporary/all"
check 5494a326b6a1e45625acc8ede37faaf8b77e86438ac2835c8d5672d36f158702 "$temporary/all"
mkdir -p openmsx
cp "$temporary"/usr/share/games/openttd/baseset/openmsx/*.mid "$temporary"/usr/share/doc/openttd-openmsx/copyright openmsx
echo "$folder/openmsx: $(ls openmsx/*.mid | wc -l) pieces"
