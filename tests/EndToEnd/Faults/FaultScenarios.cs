using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>
/// Makes calls fail and checks what must hold every time: the response says whether to try again, trying again succeeds, and
/// in the end the table and the bucket agree. As in Lambda, a function that exceeds its timeout is killed and the client gets
/// 504, which no test accepts.
/// </summary>
internal sealed class FaultScenarios(FaultyAlbum album)
{
    private readonly ConcurrentQueue<string> _failures = [];
    private int _injected;

    /// <summary>Sends a call whose storage requests fail, and sends it again when nothing fails.</summary>
    /// <param name="what">What fails, for the message.</param>
    /// <param name="user">The user who sends the call. The id must not be a part of another user's id.</param>
    /// <param name="call">The call.</param>
    /// <param name="choose">Returns the fault of the user's storage request with this number, from 0; <see langword="null"/> for none.</param>
    /// <param name="isAllowed">Whether the client may get this response.</param>
    public async Task RunAsync(string what, string user, Call call, Func<int, Fault?> choose, Func<ApiResponse, bool> isAllowed)
    {
        AlbumClient client = album.Host.SignIn(user);
        int requests = -1;
        int injected = 0;
        try
        {
            string id = await call.PrepareAsync(client);
            album.Intercept(user, (request, forward, cancellationToken) =>
            {
                int number = Interlocked.Increment(ref requests);
                string operation = StorageRequest.Of(request).Operation;
                Check(injected > 0 || operation == call.Requests.ElementAtOrDefault(number), $"sent {operation} as request {number}");
                if (choose(number) is not Fault fault)
                {
                    return forward();
                }

                injected = 1;
                return fault.Inject(request, forward, cancellationToken);
            });
            ApiResponse first = await call.SendAsync(client, id);
            await album.ClearFaultsAsync(user);
            Check(isAllowed(first), $"got {first.Status} {first.Text} (Retry-After {first.Header("Retry-After")})");

            ApiResponse again = await call.SendAsync(client, id);
            bool mayBeTheFirst = first.Status != call.Status && again.Status == call.Status;
            Check(mayBeTheFirst || again.Status == call.StatusOfARepeat, $"got {again.Status} {again.Text} for a repeat, after {first.Status}");
            List<string> listed = await client.ListAllAsync();
            Check(listed.SequenceEqual(call.IsListed ? [id] : []), $"left {listed.Count} photos in the album");
            foreach (string photo in listed)
            {
                JsonElement found = (await client.SendAsync("GET", $"/photos/{photo}")).Json;
                Check(found.GetProperty("name").GetString() == call.PhotoName, $"left a photo with the name {found.GetProperty("name")}");
                byte[] bytes = await AlbumClient.GetBytesAsync(found.GetProperty("url").GetString()!);
                Check(bytes.SequenceEqual(AlbumClient.SmallJpeg), "left a photo with other bytes");
            }
        }
        catch (Exception e)
        {
            Check(holds: false, $"failed: {e}");
        }

        await album.ClearFaultsAsync(user);
        Interlocked.Add(ref _injected, injected);
        LongRun.Progress(string.Create(CultureInfo.InvariantCulture, $"{_injected} faults, {_failures.Count} not survived"));

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                _failures.Enqueue($"{call} ({what}, {user}) {problem}");
            }
        }
    }

    /// <summary>Whether the function says that the same call may be sent again.</summary>
    public static bool IsUnavailable(ApiResponse response) =>
        response.Status == 503 && response.Header("Retry-After") == "1" && Code(response) == "ServiceUnavailable";

    /// <summary>Whether the function says that it has deleted photos, and that the call must be sent again for those that remain.</summary>
    public static bool IsUnfinished(ApiResponse response) => (response.Status, response.Text) == (202, """{"remaining":true}""");

    private static string? Code(ApiResponse response) => response.Json.TryGetProperty("code", out JsonElement code) ? code.GetString() : null;

    /// <summary>Whether the function may respond like this after these faults.</summary>
    /// <remarks>
    /// A missing table or bucket is an error of the deployment, not of the client. Where only the response to HEAD says that there is nothing,
    /// and GET finds the object, the client is told to upload and to write again, as if the upload had just arrived.
    /// </remarks>
    public static bool IsRefused(ApiResponse response, IEnumerable<Fault?> faults) =>
        IsUnavailable(response)
        || IsUnfinished(response)
        || (faults.Contains(Fault.Missing) && (response.Status, Code(response)) is (500, "InternalError") or (409, "PhotoNotUploaded"));

    /// <summary>Fails if any scenario failed, or if the album is inconsistent.</summary>
    /// <param name="least">The least number of faults that must have been injected.</param>
    public async Task AssertAllSurvivedAsync(int least)
    {
        List<string> failures = [.. _failures, .. await album.AuditAsync()];
        LongRun.Close(string.Create(CultureInfo.InvariantCulture, $"{_injected} faults, {failures.Count} not survived"));
        Assert.True(failures.Count == 0, $"SEED={LongRun.Seed}\n{string.Join('\n', failures.Take(50))}");
        Assert.True(_injected >= least, $"Only {_injected} faults were injected, and at least {least} should have been. Check which requests the scenarios intercept.");
    }
}
