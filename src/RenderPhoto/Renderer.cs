using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Photos.Runtime;

namespace Photos.RenderPhoto;

/// <summary>
/// Renders a picture in a child process: this binary, started as <c>bootstrap decode &lt;original&gt; &lt;folder&gt;</c>. Decoders have
/// bugs, and pictures come from anyone, so the child has limits of time and memory and no credentials.
/// </summary>
internal sealed class Renderer
{
    /// <summary>How long the child may take. Generous, since <see cref="ProcessLimits"/> limits its CPU time: only a child that waits gets here.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(90);

    // The child writes one line of JSON, and libraries write warnings. More than this is a fault of the child.
    private const int MaxOutputBytes = 4096;

    // After the child's end, its output is complete, unless it left a process behind that holds the pipe.
    private static readonly TimeSpan s_outputLimit = TimeSpan.FromSeconds(1);

    private readonly string _program;
    private readonly TimeSpan _timeLimit;
    private readonly FunctionLog _log;

    /// <param name="program">The binary that decodes: the current one.</param>
    /// <param name="timeLimit">How long a picture may take: <see cref="TimeLimit"/>.</param>
    /// <param name="log">Gets the reason why a picture is unsupported.</param>
    public Renderer(string program, TimeSpan timeLimit, FunctionLog log)
    {
        _program = program;
        _timeLimit = timeLimit;
        _log = log;
    }

    /// <param name="original">The file of the picture.</param>
    /// <param name="folder">The folder that gets the renditions. The child may leave other files there; the caller deletes it.</param>
    /// <returns><see langword="null"/> if the picture is unsupported; the log says why.</returns>
    /// <exception cref="Win32Exception">The child could not be started.</exception>
    /// <exception cref="OperationCanceledException">The token fired. The child has ended.</exception>
    public RenderedPicture? Render(string original, string folder, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using Process child = Start(original, folder);
        Task<string> output = ReadAsync(child.StandardOutput.BaseStream);
        Task<string> error = ReadAsync(child.StandardError.BaseStream);
        bool isInTime = WaitForExit(child, cancellationToken);
        string errorText = TextOf(error);
        if (Parse(isInTime, child.ExitCode, TextOf(output), out string? refusal) is DecodeResult result)
        {
            return new RenderedPicture(
                result.Width, result.Height, result.Taken, Path.Combine(folder, Renditions.Thumbnail), Path.Combine(folder, Renditions.Preview));
        }

        _log.Write(LogLevel.Warn, $"The picture is unsupported: {refusal}{(errorText.Length > 0 ? $" The decoder wrote: {errorText}" : "")}");
        return null;
    }

    private Process Start(string original, string folder)
    {
        var start = new ProcessStartInfo(_program, ["decode", original, folder])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach ((string name, string value) in ProcessLimits.Variables(folder))
        {
            start.Environment[name] = value;
        }

        Process child = Process.Start(start)!;
        child.StandardInput.Close();
        return child;
    }

    /// <returns>Whether the child ended by itself.</returns>
    private bool WaitForExit(Process child, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeLimit);
        try
        {
            child.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            child.WaitForExit();
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private DecodeResult? Parse(bool isInTime, int exitCode, string output, out string? refusal)
    {
        refusal = !isInTime ? $"the decoder did not end within {_timeLimit.TotalSeconds} s."
            : exitCode > 128 ? $"the decoder was ended by signal {exitCode - 128}."
            : exitCode != 0 ? $"the decoder ended with exit code {exitCode}."
            : null;
        if (refusal is not null)
        {
            return null;
        }

        try
        {
            DecodeResult? result = JsonSerializer.Deserialize(output, DecodeJsonContext.Default.DecodeResult);
            refusal = result is null ? "the decoder wrote no result." : result.Refusal;
            return refusal is null ? result : null;
        }
        catch (JsonException)
        {
            refusal = "the decoder wrote no result.";
            return null;
        }
    }

    private static string TextOf(Task<string> reading) => reading.Wait(s_outputLimit) ? reading.Result : "";

    /// <summary>Reads to the end, so that the child never waits, and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(Stream stream)
    {
        byte[] kept = new byte[MaxOutputBytes];
        byte[] discarded = new byte[MaxOutputBytes];
        int count = 0;
        int read;
        do
        {
            read = await stream.ReadAsync(count < kept.Length ? kept.AsMemory(count) : discarded);
            count += count < kept.Length ? read : 0;
        }
        while (read > 0);

        return Encoding.UTF8.GetString(kept, 0, count).Trim();
    }
}
