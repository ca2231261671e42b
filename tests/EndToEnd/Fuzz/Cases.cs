using System.Globalization;
using System.Text;
using CsCheck;

namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>Generated cases, one after another.</summary>
internal static class Cases
{
    // A fault of the product would fail thousands of cases; a few show what it is.
    private const int KeptFailures = 3;
    private const int ShownBytes = 1500;

    /// <summary>A case by itself follows from <c>SEED</c> plus its index, so <c>SEED</c> of that sum begins with it.</summary>
    /// <param name="what">The cases' name, in the plural.</param>
    /// <param name="count">How many.</param>
    /// <param name="generator">Makes them.</param>
    /// <param name="show">Shows one so that it can be kept as a test.</param>
    /// <param name="check">Throws when one fails.</param>
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
                    // The function is gone, or it hangs.
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

    /// <summary>Bytes as C# would write them, the middle left out when there are many.</summary>
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
