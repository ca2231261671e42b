using System.Diagnostics;
using System.Globalization;

namespace Photos.Tests;

/// <summary>The long form of a test, for <c>make faults</c>, <c>make fuzz</c> and <c>make load</c>. <c>make test</c> runs the short form.</summary>
internal static class LongRun
{
    private const string Variable = "LONG_RUN";

    private static readonly long s_start = Stopwatch.GetTimestamp();
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(10);
    private static readonly Lock s_gate = new();
    private static TimeSpan s_lastProgress = -s_progressEvery;

    /// <summary>The seed of every random choice, from the variable <c>SEED</c>, so that a failure can be reproduced.</summary>
    public static int Seed { get; } = Number("SEED", 20261124);

    /// <summary>Whether the long form runs.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>A whole number from an environment variable, such as <c>SECONDS</c> in <c>make load SECONDS=60</c>.</summary>
    /// <param name="variable">The variable's name.</param>
    /// <param name="absent">The number when the variable is not set.</param>
    public static int Number(string variable, int absent) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => absent,
        string text when int.TryParse(text, CultureInfo.InvariantCulture, out int value) => value,
        string text => throw new InvalidOperationException($"{variable} is '{text}'. Set it to a whole number."),
    };

    /// <summary>Prints the progress of a long run, at most once in ten seconds.</summary>
    public static void Progress(string progress)
    {
        if (!IsOn)
        {
            return;
        }

        lock (s_gate)
        {
            TimeSpan now = Stopwatch.GetElapsedTime(s_start);
            if (now - s_lastProgress >= s_progressEvery)
            {
                s_lastProgress = now;
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now:mm\\:ss} {progress}"));
            }
        }
    }

    /// <summary>Prints the result of a long run.</summary>
    public static void Close(string result)
    {
        if (IsOn)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result} (SEED={Seed})"));
        }
    }
}
