using System.Collections.Concurrent;
using System.Globalization;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>
/// Lets calls fail and asks each time what must hold: the client has an answer that says whether to try again, trying again
/// succeeds, and in the end table and bucket agree. A function that answers later than its time-out is killed, as in Lambda, and
/// the client gets 504, which no test takes for an answer.
/// </summary>
internal sealed class Trials(FaultyAlbum album)
{
    private readonly ConcurrentQueue<string> _failures = [];
    private int _struck;

    /// <summary>Sends a call whose storage requests fail, and sends it again when nothing does.</summary>
    /// <param name="what">What fails, for the message.</param>
    /// <param name="user">Whose call; nobody else's id may contain it.</param>
    /// <param name="call">The call.</param>
    /// <param name="choose">The fault of the user's storage request of that number, from 0; null for none.</param>
    /// <param name="isAnswer">Whether the client may get such an answer.</param>
    public async Task RunAsync(string what, string user, Call call, Func<int, Fault?> choose, Func<HttpAnswer, bool> isAnswer)
    {
        AlbumClient client = album.Host.SignIn(user);
        int requests = -1;
        int struck = 0;
        try
        {
            string id = await call.PrepareAsync(client);
            album.Intercept(user, (request, forward, cancellationToken) =>
            {
                int number = Interlocked.Increment(ref requests);
                Check(struck > 0 || Operation(request) == call.Requests.ElementAtOrDefault(number), $"sent {Operation(request)} as its request no. {number}");
                if (choose(number) is not Fault fault)
                {
                    return forward();
                }

                struck = 1;
                return fault.Answer(request, forward, cancellationToken);
            });
            HttpAnswer first = await call.SendAsync(client, id);
            await album.MendAsync(user);
            Check(isAnswer(first), $"answered {first.Status} {first.Text} (Retry-After {first.Header("Retry-After")})");

            HttpAnswer again = await call.SendAsync(client, id);
            bool mayBeTheFirst = first.Status != call.Status && again.Status == call.Status;
            Check(mayBeTheFirst || again.Status == call.StatusOfARepeat, $"answered {again.Status} {again.Text} to a repeat, {first.Status} before");
            List<string> listed = await client.ListAllAsync();
            Check(listed.SequenceEqual(call == Call.Delete ? [] : [id]), $"lists {listed.Count} photos");
            foreach (string photo in listed)
            {
                string url = (await client.SendAsync("GET", $"/photos/{photo}")).Json.GetProperty("url").GetString()!;
                byte[] bytes = await AlbumClient.GetBytesAsync(url);
                Check(bytes.SequenceEqual(AlbumClient.SmallJpeg), "has other bytes");
            }
        }
        catch (Exception e)
        {
            Check(holds: false, e.ToString());
        }

        await album.MendAsync(user);
        Interlocked.Add(ref _struck, struck);
        LongRun.Progress(string.Create(CultureInfo.InvariantCulture, $"{_struck} faults, {_failures.Count} not survived"));

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                _failures.Enqueue($"{call}, {what}, {user}: {problem}");
            }
        }
    }

    /// <summary>Whether the function says that the same call may be sent again.</summary>
    public static bool IsUnavailable(HttpAnswer answer) =>
        answer.Status == 503 && answer.Header("Retry-After") == "1" && answer.Json.GetProperty("code").GetString() == "ServiceUnavailable";

    /// <summary>DynamoDB's operation, or S3's method.</summary>
    private static string Operation(HttpRequest request) => request.Header("x-amz-target")?.Split('.')[1] ?? request.Method;

    /// <param name="least">How many faults must have struck, at the least.</param>
    public async Task AssertAllSurvivedAsync(int least)
    {
        List<string> failures = [.. _failures, .. await album.AuditAsync()];
        LongRun.Close(string.Create(CultureInfo.InvariantCulture, $"{_struck} faults, {failures.Count} not survived"));
        Assert.True(failures.Count == 0, $"SEED={LongRun.Seed}\n{string.Join('\n', failures.Take(50))}");
        Assert.True(_struck >= least, $"{_struck} faults struck where at least {least} should have.");
    }
}
