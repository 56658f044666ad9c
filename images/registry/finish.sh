#!/bin/sh
# Removes the files of FOLDER that the backup has not, and what the restore was made with: finish.sh FOLDER
#
# The note of the confirmation goes last: without it, what is in .restore/new would be taken back.

set -e
cd "$1"
if [ -e .restore/others ]; then
    xargs -0 --no-run-if-empty rm -f -- < .restore/others
fi
rm -rf .restore/new .restore/old
rm -rf .restore
