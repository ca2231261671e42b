#!/usr/bin/env bash
# Fails if a package has a known vulnerability of high or critical severity. If the vulnerability database is unreachable, the
# check prints a message and passes, so that make lint also works without network access.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly timeout_seconds=30
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

found() {
    echo "$1 has packages with vulnerabilities of high or critical severity:"
    echo "$2"
    echo "$3"
    status=1
} >&2

unknown() {
    echo "$1: not checked for vulnerabilities, because the database is unreachable. Run make lint again with network access."
} >&2

# NuGet reports a missing vulnerability database only for audit sources. Other sources without one look like clean results.
# https://learn.microsoft.com/nuget/concepts/auditing-packages
sources=$(dotnet nuget list source --format short | sed -n 's|^E[A-Z]* \(.*\)|<add key="\1" value="\1" />|p')
echo "<configuration><packageSources><clear />$sources</packageSources><auditSources><clear />$sources</auditSources></configuration>" >"$work/NuGet.config"
if ! report=$(timeout "$timeout_seconds" dotnet package list --project Photos.slnx --vulnerable --include-transitive --no-restore \
    --format json --config "$work/NuGet.config" 2>/dev/null); then
    unknown Photos.slnx
elif grep -qE '"severity": *"(High|Critical)"' <<<"$report"; then
    found Photos.slnx "$(grep -E '"(id|resolvedVersion|severity|advisoryurl)"' <<<"$report")" \
        'Raise their versions in Directory.Packages.props. Add a PackageVersion for a transitive package.'
elif grep -q '"problems"' <<<"$report"; then
    unknown Photos.slnx
fi

# npm has the same exit code for vulnerabilities and for an unreachable registry. Only a report has auditReportVersion.
for folder in local/Engines bench/Variants/Node tests/EndToEnd/Browser; do
    report=$(cd "$folder" && timeout "$timeout_seconds" npm audit --package-lock-only --json --audit-level=high --fetch-retries=0 2>/dev/null) && continue
    if grep -q '"auditReportVersion"' <<<"$report"; then
        found "$folder" "$report" "Run 'npm audit fix --package-lock-only' in this folder. For what it cannot fix, add overrides to package.json."
    else
        unknown "$folder"
    fi
done

exit $status
