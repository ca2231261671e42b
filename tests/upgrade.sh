#!/usr/bin/env bash
# Builds the functions of earlier releases from the history, into artifacts/releases/VERSION, and runs the tests that let them
# and this version serve the same albums. The arguments select tests, as those of tests/run.sh do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A clone may lack the tag.
readonly release=v1.1.0 commit=bfbee2e8613f2e329cf74970db2080bee9a7f86f

# build VERSION REVISION: does nothing if the binaries are there, because a release does not change.
build() {
    local folder=artifacts/releases/$1
    if [ ! -d "$folder/source" ]; then
        rm -rf "$folder.new"
        mkdir -p "$folder.new/source"
        git archive "$2" | tar -xf - -C "$folder.new/source"
        rm -rf "$folder"
        mv "$folder.new" "$folder"
    fi
    echo "Release $1:"
    "$folder/source/build.sh" all --output "$folder"
}

first=$(git rev-parse --quiet --verify "$release^{commit}" || git rev-parse --quiet --verify "$commit^{commit}") &&
    before=$(git rev-parse --quiet --verify "$first^") || {
    echo "This clone has neither the tag $release nor the commit $commit with its parent. Fetch the full history: git fetch --unshallow --tags" >&2
    exit 1
}

build 1.0.0 "$before"
build 1.1.0 "$first"
tests/run.sh -explicit only -namespace Photos.Tests.EndToEnd.Upgrade "$@"
