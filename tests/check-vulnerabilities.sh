#!/usr/bin/env bash
# Fails when a package has a known vulnerability of high or critical severity. Where no database of them can be asked, it says
# so and passes: a machine without a network can be linted too, and the next one with a network asks again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly patience=30
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
    echo "$1: not checked for vulnerabilities, since no database of them could be asked."
} >&2

# Only of a source that is there to audit by does NuGet say when it has no database; any other then counts as knowing of nothing.
# https://learn.microsoft.com/nuget/concepts/auditing-packages
sources=$(dotnet nuget list source --format short | sed -n 's|^E[A-Z]* \(.*\)|<add key="\1" value="\1" />|p')
echo "<configuration><packageSources><clear />$sources</packageSources><auditSources><clear />$sources</auditSources></configuration>" >"$work/NuGet.config"
if ! report=$(timeout "$patience" dotnet package list --project Photos.slnx --vulnerable --include-transitive --no-restore \
    --format json --config "$work/NuGet.config" 2>/dev/null); then
    unknown Photos.slnx
elif grep -qE '"severity": *"(High|Critical)"' <<<"$report"; then
    found Photos.slnx "$(grep -E '"(id|resolvedVersion|severity|advisoryurl)"' <<<"$report")" \
        'Raise their versions in Directory.Packages.props; a package that another one brings gets a line of its own there.'
elif grep -q '"problems"' <<<"$report"; then
    unknown Photos.slnx
fi

# npm ends alike when it finds something and when nobody answers; only a report has a version.
for folder in local/Engines bench/Variants/Node tests/EndToEnd/Browser; do
    report=$(cd "$folder" && timeout "$patience" npm audit --package-lock-only --json --audit-level=high --fetch-retries=0 2>/dev/null) && continue
    if grep -q '"auditReportVersion"' <<<"$report"; then
        found "$folder" "$report" "Run 'npm audit fix --package-lock-only' there; for what it cannot mend, add overrides to package.json."
    else
        unknown "$folder"
    fi
done

exit $status
