using System.Diagnostics;
using System.Globalization;

namespace Photos.Tests;

/// <summary>The long form of a test, which <c>make faults</c>, <c>make fuzz</c> and <c>make load</c> run; <c>make test</c> runs the short one.</summary>
internal static class LongRun
{
    private const string Variable = "LONG_RUN";

    private static readonly long s_start = Stopwatch.GetTimestamp();
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(10);
    private static readonly Lock s_gate = new();
    private static TimeSpan s_lastProgress = -s_progressEvery;

    /// <summary>What every random choice follows from: <c>SEED</c>, so that a failure can be had again.</summary>
    public static int Seed { get; } = Number("SEED", 20261124);

    /// <summary>Whether this is one.</summary>
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    /// <summary>A whole number from the environment, as <c>make load SECONDS=60</c> gives it.</summary>
    public static int Number(string variable, int absent) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => absent,
        string text when int.TryParse(text, CultureInfo.InvariantCulture, out int value) => value,
        string text => throw new InvalidOperationException($"{variable} is {text}; it must be a whole number."),
    };

    /// <summary>Says every ten seconds of a long run how far it is.</summary>
    public static void Progress(string how)
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
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now:mm\\:ss} {how}"));
            }
        }
    }

    /// <summary>The closing figure of a long run.</summary>
    public static void Close(string figure)
    {
        if (IsOn)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure} (SEED={Seed})"));
        }
    }
}
