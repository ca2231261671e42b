using System.Globalization;
using System.Text;
using CsCheck;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Runs generated cases one after another.</summary>
internal static class Cases
{
    // One bug can fail thousands of cases. A few are enough to find it.
    private const int KeptFailures = 3;
    private const int ShownBytes = 1500;

    /// <summary>A case depends only on <c>SEED</c> plus its index. A run whose <c>SEED</c> is that sum begins with the case.</summary>
    /// <param name="what">What the cases are, in the plural, for messages.</param>
    /// <param name="count">The number of cases.</param>
    /// <param name="generator">Generates a case.</param>
    /// <param name="show">Formats a case so that it can become a test.</param>
    /// <param name="check">Checks a case with its index, and throws if it fails.</param>
    public static void Run<T>(string what, int count, Gen<T> generator, Func<T, string> show, Action<int, T> check)
    {
        List<string> failures = [];
        int done = 0;
        while (done < count && failures.Count < KeptFailures)
        {
            T one = generator.Generate(new PCG(0, (ulong)(LongRun.Seed + done)), null, out _);
            try
            {
                check(done, one);
            }
            catch (Exception e)
            {
                failures.Add($"SEED={LongRun.Seed + done}: {e.Message}\n{show(one)}");
                if (e is FunctionFailedException)
                {
                    // The function has ended or hangs.
                    break;
                }
            }

            done++;
            LongRun.Progress(string.Create(CultureInfo.InvariantCulture, $"{done:N0} {what}"));
        }

        LongRun.Close(string.Create(CultureInfo.InvariantCulture, $"{done:N0} {what}, {failures.Count} failures"));
        if (failures.Count > 0)
        {
            Assert.Fail(string.Join("\n\n", failures));
        }
    }

    /// <summary>The number of cases of a short or a long run.</summary>
    public static int Count(int shortRun, int longRun) => LongRun.IsOn ? longRun : shortRun;

    /// <summary>Formats bytes as in a C# string, without the middle of a long one.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (int i = 0; i < bytes.Length; i++)
        {
            if (i == ShownBytes && bytes.Length > 2 * ShownBytes)
            {
                i = bytes.Length - ShownBytes;
                text.Append(CultureInfo.InvariantCulture, $" …{i - ShownBytes} bytes… ");
            }

            _ = bytes[i] switch
            {
                (byte)'\r' => text.Append("\\r"),
                (byte)'\n' => text.Append("\\n"),
                >= 0x20 and < 0x7f => text.Append((char)bytes[i]),
                byte other => text.Append(CultureInfo.InvariantCulture, $"\\x{other:x2}"),
            };
        }

        return text.ToString();
    }
}
