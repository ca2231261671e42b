# Prints a table of each function's cold starts, one row per memory size, from Lambda's log. It reads REPORT lines, or
# platform.report events if the log format is JSON, and ignores everything else.
#   awk -f report.awk name=ListPhotos list.log name=WritePhoto write.log
# Times are in ms, memory is in MB. p99 is the nearest rank: the maximum of fewer than 100 values.
# https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html#platform-report

BEGIN {
    FS = "\t"
}

/^REPORT RequestId: / {
    split("", figure)
    for (i = 1; i <= NF; i++) {
        # "Init Duration: 112.94 ms"
        if ((colon = index($i, ": ")) > 0) {
            figure[substr($i, 1, colon - 1)] = substr($i, colon + 2) + 0
        }
    }

    init = "Init Duration" in figure ? figure["Init Duration"] : figure["Restore Duration"]
    add(substr($1, 19), figure["Memory Size"], init, figure["Duration"], figure["Billed Duration"], figure["Max Memory Used"])
}

/^[ \t]*\{.*"type" *: *"platform\.report"/ {
    init = metric("initDurationMs")
    if (init == "") {
        init = metric("restoreDurationMs")
    }

    match($0, /"requestId" *: *"[^"]*"/)
    add(substr($0, RSTART, RLENGTH), metric("memorySizeMB"), init, metric("durationMs"), metric("billedDurationMs"), metric("maxMemoryUsedMB"))
}

END {
    if (rows == 0) {
        print "report.awk: the log has no reports of invocations. Set Lambda's system log level to INFO or DEBUG." > "/dev/stderr"
        exit 1
    }

    format = "%-12s %9s %6s  %-18s %-18s %-18s %-18s %6s  %s\n"
    printf format, "function", "memory MB", "cold", "init", "cold invoke", "billed", "max memory MB", "warm", "warm invoke"
    for (row = 1; row <= rows; row++) {
        key = row_key[row]
        printf format, row_name[row], row_memory[row], count[key, "init"] + 0, \
            summary(key, "init", 2), summary(key, "cold", 2), summary(key, "billed", 0), summary(key, "used", 0), \
            count[key, "warm"] + 0, summary(key, "warm", 2)
    }

    print "median / p99; times in ms"
}

# The number with this name; empty if the event does not have it.
function metric(field,    text) {
    if (!match($0, "\"" field "\" *: *[0-9.]+")) {
        return ""
    }

    text = substr($0, RSTART, RLENGTH)
    sub(/^.*: */, "", text)
    return text + 0
}

# Ignores truncated lines.
function add(id, memory, init, duration, billed, used,    key) {
    if (memory == "" || duration == "" || billed == "" || used == "" || (name, id) in seen) {
        return
    }

    seen[name, id]
    key = name SUBSEP memory
    if (!(key in known)) {
        known[key]
        row_key[++rows] = key
        row_name[rows] = name
        row_memory[rows] = memory
    }

    if (init == "") {
        put(key, "warm", duration)
        return
    }

    put(key, "init", init)
    put(key, "cold", duration)
    put(key, "billed", billed)
    put(key, "used", used)
}

# Inserts a value, so that the values of each figure stay sorted.
function put(key, what, value,    i) {
    for (i = ++count[key, what]; i > 1 && values[key, what, i - 1] > value; i--) {
        values[key, what, i] = values[key, what, i - 1]
    }

    values[key, what, i] = value
}

function summary(key, what, places,    n, middle, rank, form) {
    n = count[key, what]
    if (n == 0) {
        return "-"
    }

    middle = int((n + 1) / 2)
    rank = int((n * 99 + 99) / 100)
    form = "%." places "f"
    return sprintf(form " / " form, (values[key, what, middle] + values[key, what, n + 1 - middle]) / 2, values[key, what, rank])
}
