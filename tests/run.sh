#!/usr/bin/env bash
# Runs the tests that make has built, all or those that the arguments choose; the last line says how many passed and failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly results=artifacts/tests/results.xml
rm -rf artifacts/tests
mkdir -p artifacts/tests

status=0
dotnet artifacts/bin/Tests/release/Tests.dll -noLogo -noColor -failSkips -result-xml "$results" "$@" </dev/null || status=$?

summary=$(grep -o '<assembly [^>]*' "$results" 2>/dev/null | head -n 1) || true
count() {
    local value=${summary##* "$1"=\"}
    echo "${value%%\"*}"
}

if [ -z "$summary" ]; then
    echo "The test runner ended with exit code $status and no results; its last words stand above." >&2
    exit 1
fi
passed=$(count passed)
failed=$(($(count failed) + $(count errors)))
if [ $((passed + failed)) -eq 0 ]; then
    echo "No test ran. Look for what keeps the runner from finding tests/Tests.csproj's." >&2
    status=1
fi
echo "$passed passed, $failed failed" | tee artifacts/tests/summary
[ $status -eq 0 ] && [ $failed -eq 0 ]
