using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Photos.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>
/// Processes of SweepPhoto or RenderPhoto that a test invokes, each with one record, because the host handles many in one invocation.
/// </summary>
/// <param name="name">The function's name.</param>
/// <param name="variables">The endpoints and the credentials of the storage.</param>
internal sealed class StreamFunctions(string name, IReadOnlyDictionary<string, string> variables) : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<RunningFunction> _idle = [];

    /// <summary>Has a process handle the record of a photo.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="before">The state of its item before that.</param>
    /// <returns>Whether the record is handled.</returns>
    public Task<bool> HandleAsync(string user, string id, PhotoState before) => Task.Run(() =>
    {
        RunningFunction function = _idle.TryTake(out RunningFunction? idle) ? idle : Start();
        function.Invoke(Event(user, id, before));
        bool isHandled = Encoding.UTF8.GetString(function.Response) == """{"batchItemFailures":[]}""";
        _idle.Add(function);
        return isHandled;
    });

    public void Dispose()
    {
        while (_idle.TryTake(out RunningFunction? function))
        {
            function.Dispose();
        }
    }

    private RunningFunction Start()
    {
        string folder = Path.Combine(Repository.Functions, name);
        Dictionary<string, string> environment = LambdaEnvironment.Create(
            name, LambdaEnvironment.Unreachable, [("AWS_SESSION_TOKEN", null), .. variables.Select(one => (one.Key, (string?)one.Value))]);
        return new RunningFunction(name, [Path.Combine(folder, "bootstrap")], folder, environment, s_limit);
    }

    private static byte[] Event(string user, string id, PhotoState before)
    {
        string? state = before switch
        {
            PhotoState.Granted => PhotoItem.Granted,
            PhotoState.Deleted => PhotoItem.Deleted,
            _ => null,
        };
        Dictionary<string, object> old = state is null ? [] : new() { [PhotoItem.State] = new { S = state } };
        Dictionary<string, object> keys = new() { [PhotoItem.User] = new { S = user }, [PhotoItem.Id] = new { S = id } };
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            Records = new[] { new { dynamodb = new { Keys = keys, OldImage = old, SequenceNumber = "1" } } },
        });
    }
}
