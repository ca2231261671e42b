using System.Text.Json;
using Photos.Harness;

namespace Photos.Bench.Rendering;

/// <summary>Renders with <c>sharp</c>, the common library of Node.js, which uses libvips too.</summary>
internal sealed class SharpRenderer
{
    private readonly string _script = Path.Combine(Repository.Root, "bench", "Variants", "Node", "render.mjs");

    private SharpRenderer()
    {
    }

    /// <summary>Installs it.</summary>
    /// <returns><see langword="null"/> if Node.js is missing or the installation fails; <paramref name="reason"/> says why.</returns>
    public static SharpRenderer? Create(out string? reason)
    {
        string source = Path.Combine(Repository.Root, "bench", "Variants", "Node");
        reason = CommandLineTool.Run("node", "--version").ExitCode != 0 ? "It requires Node.js 20 or later. Install it from https://nodejs.org/en/download."
            : CommandLineTool.Run("npm", "ci", "--prefix", source, "--ignore-scripts", "--no-audit", "--no-fund").ExitCode != 0 ? "npm ci failed. Run it in bench/Variants/Node to see why."
            : null;
        return reason is null ? new SharpRenderer() : null;
    }

    /// <summary>Renders in a process that has already started and rendered the picture once.</summary>
    /// <returns><see langword="null"/> if sharp does not support the format.</returns>
    public RenderCost? Measure(BenchPicture picture, int runs)
    {
        CommandLineTool node = CommandLineTool.Run("node", _script, picture.File, $"{runs}");
        if (node.ExitCode != 0)
        {
            return null;
        }

        JsonElement[] all = [.. JsonElement.Parse(node.Output).EnumerateArray()];
        return new RenderCost(
            Summary.MedianOf(all.Select(run => run.GetProperty("ms").GetDouble())),
            Summary.MedianOf(all.Select(run => run.GetProperty("cpuMs").GetDouble())),
            all.Max(run => run.GetProperty("peakMiB").GetDouble()));
    }
}
