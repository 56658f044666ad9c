#!/bin/sh
# Takes back what merge.sh put into FOLDER: take-back.sh FOLDER
#
# What the merge added is the same file as in .restore/new.

set -e
cd "$1"
if [ -d .restore/new ]; then
    cd .restore/new
    # shellcheck disable=SC2016 # the inner shell expands it
    find . -type f -exec sh -ec '
    for file do
        if [ -e "../old/$file" ]; then
            mv "../old/$file" "../../$file"
        elif [ "$file" -ef "../../$file" ]; then
            rm "../../$file"
        fi
    done' sh {} +
fi
rm -rf "$1/.restore"
