#!/usr/bin/env bash
# Checks that the named tools are installed. If some are missing, it prints how to install each and exits with code 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()

# A compiler cannot link without the C library's start files.
links() {
    command -v "$1" >/dev/null || return 1
    [ "$(uname -s)" = Darwin ] || [ -e "$("$1" -print-file-name=Scrt1.o)" ]
}

cross() {
    command -v clang >/dev/null && command -v ld.lld >/dev/null && command -v "$1-objcopy" >/dev/null && links "$1-gcc"
}

is_node_20() {
    local version
    version=$(node --version 2>/dev/null) || return 1
    version=${version#v}
    [ "${version%%.*}" -ge 20 ]
}

found_node() {
    local version
    ! version=$(node --version 2>/dev/null) || echo ", instead of the installed $version"
}

for tool in "$@"; do
    case $tool in
        dotnet)
            dotnet --version >/dev/null 2>&1 ||
                missing+=("the .NET SDK 10: https://dotnet.microsoft.com/download/dotnet/10.0 (Fedora, AL2023, and Debian with Microsoft's package feed: dotnet-sdk-10.0)") ;;
        linker)
            links clang || links gcc ||
                missing+=("a C linker, clang or gcc (Debian: gcc libc6-dev; Fedora, AL2023: gcc glibc-devel; macOS: xcode-select --install)") ;;
        objdump)
            [ "$(uname -s)" = Darwin ] || command -v objdump >/dev/null ||
                missing+=("objdump (Debian, Fedora, AL2023: binutils)") ;;
        cross-arm64)
            cross aarch64-linux-gnu ||
                missing+=("the tools to build for arm64 (Debian: clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross; Fedora, AL2023: not available, so build on an arm64 machine or in a container)") ;;
        cross-x86_64)
            cross x86_64-linux-gnu ||
                missing+=("the tools to build for x86_64 (Debian: clang lld gcc-x86-64-linux-gnu libc6-dev-amd64-cross; Fedora, AL2023: not available, so build on an x86_64 machine or in a container)") ;;
        node)
            is_node_20 ||
                missing+=("Node.js 20 or newer$(found_node): https://nodejs.org/en/download (Fedora: nodejs; AL2023: nodejs20; macOS: brew install node; the package of Debian 12 is too old)") ;;
        npm)
            command -v npm >/dev/null ||
                missing+=("npm, which is part of Node.js (Debian, Fedora: npm; AL2023: nodejs20-npm)") ;;
        *)
            echo "check-prerequisites.sh: unknown tool '$tool'." >&2
            exit 2 ;;
    esac
done

if [ ${#missing[@]} -gt 0 ]; then
    {
        echo "These tools are missing. Install them, then run the command again:"
        printf '  - %s\n' "${missing[@]}"
    } >&2
    exit 1
fi
