#!/bin/sh
# Notes the files of FOLDER that the backup has not, in .restore/others: list-others.sh FOLDER

set -e
cd "$1"
# shellcheck disable=SC2016 # the inner shell expands it
find . -path ./.restore -prune -o -type f -exec sh -ec '
for file do [ -e ".restore/new/$file" ] || printf "%s\0" "$file"; done' sh {} + > .restore/others.making
mv .restore/others.making .restore/others
