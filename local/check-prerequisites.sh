#!/usr/bin/env bash
# Says, in one message, which of the named tools are missing and how to get each. Exit code 1 when one is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()

# A compiler without the C library's start files links nothing.
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

for tool in "$@"; do
    case $tool in
        dotnet)
            dotnet --version >/dev/null 2>&1 ||
                missing+=("the .NET SDK 10: https://dotnet.microsoft.com/download/dotnet/10.0 (Debian with Microsoft's feed, Fedora, AL2023: package dotnet-sdk-10.0)") ;;
        linker)
            links clang || links gcc ||
                missing+=("a C linker, clang or gcc (Debian: gcc libc6-dev; Fedora, AL2023: gcc glibc-devel; macOS: xcode-select --install)") ;;
        objdump)
            [ "$(uname -s)" = Darwin ] || command -v objdump >/dev/null ||
                missing+=("objdump (Debian, Fedora, AL2023: binutils)") ;;
        cross-arm64)
            cross aarch64-linux-gnu ||
                missing+=("the arm64 cross tools (Debian: clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross; Fedora, AL2023: none, build on an arm64 machine or in a container)") ;;
        cross-x86_64)
            cross x86_64-linux-gnu ||
                missing+=("the x86_64 cross tools (Debian: clang lld gcc-x86-64-linux-gnu libc6-dev-amd64-cross; Fedora, AL2023: none, build on an x86_64 machine or in a container)") ;;
        node)
            is_node_20 ||
                missing+=("Node.js 20 or newer: https://nodejs.org/en/download (Debian 12's own is older; Fedora: nodejs; AL2023: nodejs20; macOS: brew install node)") ;;
        npm)
            command -v npm >/dev/null ||
                missing+=("npm, which comes with Node.js (Debian, Fedora: npm; AL2023: nodejs20-npm)") ;;
        *)
            echo "check-prerequisites.sh: knows no tool '$tool'." >&2
            exit 2 ;;
    esac
done

if [ ${#missing[@]} -gt 0 ]; then
    {
        echo "Missing on this machine; install it and run the command again:"
        printf '  - %s\n' "${missing[@]}"
    } >&2
    exit 1
fi
