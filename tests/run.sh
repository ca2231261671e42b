#!/usr/bin/env bash
# Runs the tests that make has built. The arguments select tests; without arguments, all tests run. The last line is the
# summary.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly results=artifacts/tests/results.xml
rm -rf artifacts/tests
mkdir -p artifacts/tests

status=0
# Many tests wait for processes and retries, so one thread for each processor would leave the processors idle.
dotnet artifacts/bin/Tests/release/Tests.dll -maxThreads 2x -noLogo -noColor -failSkips -result-xml "$results" "$@" </dev/null || status=$?

summary=$(grep -o '<assembly [^>]*' "$results" 2>/dev/null | head -n 1) || true
count() {
    local value=${summary##* "$1"=\"}
    echo "${value%%\"*}"
}

if [ -z "$summary" ]; then
    echo "The test runner exited with code $status without results. Its output above shows the cause." >&2
    exit 1
fi
passed=$(count passed)
failed=$(($(count failed) + $(count errors)))
if [ $((passed + failed)) -eq 0 ]; then
    echo "No tests ran. Check the filter arguments, and that tests/Tests.csproj builds." >&2
    status=1
fi
echo "$passed passed, $failed failed" | tee artifacts/tests/summary
[ $status -eq 0 ] && [ $failed -eq 0 ]
