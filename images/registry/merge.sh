#!/bin/sh
# Puts the files below FOLDER/.restore/new beside those of FOLDER: merge.sh FOLDER
#
# A file that is there with another content is kept in .restore/old; its place always holds one of the two.

set -e
cd "$1/.restore/new"
cp --recursive --link --update=none . ../..
# shellcheck disable=SC2016 # the inner shell expands it
find . -type f -exec sh -ec '
for file do
    if [ ! "$file" -ef "../../$file" ] && ! cmp --silent "$file" "../../$file"; then
        mkdir -p "../old/${file%/*}"
        ln -f "../../$file" "../old/$file"
        ln -f "$file" ../merging
        mv ../merging "../../$file"
    fi
done' sh {} +
