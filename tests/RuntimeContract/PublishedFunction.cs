using System.Text;
using System.Text.Json;

namespace Photos.Tests.RuntimeContract;

/// <summary>A deployable binary that is started for one event.</summary>
internal static class PublishedFunction
{
    /// <summary>Starts the binary, sends it the event, and ends it after its response.</summary>
    /// <param name="function">The function's name.</param>
    /// <param name="command">The binary, or a program that runs it and has it as its last argument.</param>
    /// <param name="proxyEvent">The event, as JSON.</param>
    /// <param name="overrides">Variables that differ from <see cref="LambdaEnvironment"/>.</param>
    /// <returns>The proxy response.</returns>
    public static JsonElement Invoke(
        string function, IReadOnlyList<string> command, string proxyEvent, params IEnumerable<(string Name, string? Value)> overrides)
    {
        Dictionary<string, string> environment = LambdaEnvironment.Create(
            function, LambdaEnvironment.Unreachable, [("PHOTOS_WARMUP", "off"), .. overrides]);
        using var running = new RunningFunction(function, command, Path.GetDirectoryName(command[^1])!, environment, RuntimeRun.Soon);
        running.Invoke(Encoding.UTF8.GetBytes(proxyEvent));
        return JsonElement.Parse(running.Response);
    }
}
