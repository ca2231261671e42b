using System.Collections.Concurrent;
using System.Globalization;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Faults;

/// <summary>
/// Two calls about one photo meet at every pair of points: the first is held at one of its storage requests, the second
/// begins and is held at one of its own, the first goes on to its end, and then the second.
/// </summary>
[Collection<FaultyAlbumTests>]
public sealed class MeetingTests(FaultyAlbum album)
{
    private readonly ConcurrentQueue<string> _failures = [];

    [Fact]
    public async Task NothingIsLostWhenTwoCallsMeet()
    {
        List<(Call First, Point Held, Call Second, Point? HeldToo)> meetings =
        [
            .. from pair in ((Call, Call)[])
               [
                   (Call.Write, Call.Delete), (Call.Delete, Call.Write), (Call.Write, Call.Write),
                   (Call.WriteAgain, Call.Delete), (Call.Delete, Call.WriteAgain), (Call.Delete, Call.Delete),
               ]
               from held in Points(pair.Item1)
               from heldToo in Points(pair.Item2).Select(point => (Point?)point).Append(null)
               select (pair.Item1, held, pair.Item2, heldToo),
        ];

        await Parallel.ForEachAsync(meetings.Index(), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, _) =>
        {
            (Call first, Point held, Call second, Point? heldToo) = one.Item;
            string what = $"{first} held {held}, {second} held {heldToo?.ToString() ?? "nowhere"}";
            try
            {
                await MeetAsync(what, $"meeting-{one.Index.ToString("d4", CultureInfo.InvariantCulture)}", first, held, second, heldToo);
            }
            catch (Exception e)
            {
                _failures.Enqueue($"{what}: {e}");
            }

            LongRun.Progress($"meeting {one.Index} of {meetings.Count}, {_failures.Count} with a loss");
        });

        List<string> failures = [.. _failures, .. await album.AuditAsync()];
        LongRun.Close($"{meetings.Count} meetings, {failures.Count} with a loss");
        Assert.True(failures.Count == 0, string.Join('\n', failures.Take(50)));
    }

    private static IEnumerable<Point> Points(Call call) =>
        call.Requests.SelectMany((_, request) => (Point[])[new(request, IsDone: false), new(request, IsDone: true)]);

    private async Task MeetAsync(string what, string user, Call first, Point held, Call second, Point? heldToo)
    {
        AlbumClient client = album.Host.SignIn(user);
        bool isNew = first == Call.Write || second == Call.Write;
        string id = isNew ? await Call.UploadAsync(client) : await client.AddPhotoAsync("photo.jpg");
        Task<HttpAnswer> answerToFirst = Task.FromResult<HttpAnswer>(null!);
        Task<HttpAnswer>? answerToSecond = null;
        var secondIsHeld = new TaskCompletionSource();
        int ofFirst = -1;
        int ofSecond = -1;
        album.Intercept(user, async (request, forward, _) =>
        {
            // The second's requests are those that come while the first is held, and what it sends after that.
            bool isOfSecond = answerToSecond is not null && !secondIsHeld.Task.IsCompleted;
            return await HoldAsync(
                forward,
                isOfSecond ? Interlocked.Increment(ref ofSecond) : Interlocked.Increment(ref ofFirst),
                isOfSecond ? heldToo : held,
                isOfSecond ? HoldSecondAsync : HoldFirstAsync);
        });

        answerToFirst = first.SendAsync(client, id);
        HttpAnswer one = await answerToFirst;
        HttpAnswer other = await (answerToSecond ?? second.SendAsync(client, id));
        await album.MendAsync(user);

        string statuses = string.Join(' ', ((int[])[one.Status, other.Status]).Order());
        string expected = isNew ? first == second ? "200 201" : "201 204|404 409|204 409" : first == second ? "204 404" : "200 204|204 409";
        Check(expected.Split('|').Contains(statuses), $"answered {statuses}");
        int after = (await client.SendAsync("GET", $"/photos/{id}")).Status;
        Check(after == (first == Call.Delete || second == Call.Delete ? 404 : 200), $"left a photo that answers {after}");

        async Task HoldFirstAsync()
        {
            answerToSecond = second.SendAsync(client, id);
            await Task.WhenAny(secondIsHeld.Task, answerToSecond);
            secondIsHeld.TrySetResult();
        }

        async Task HoldSecondAsync()
        {
            secondIsHeld.TrySetResult();
            await answerToFirst;
        }

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                _failures.Enqueue($"{what}, {user}: {problem}");
            }
        }
    }

    private static async Task<FakeResponse> HoldAsync(Func<Task<FakeResponse>> forward, int request, Point? held, Func<Task> hold)
    {
        if (request != held?.Request)
        {
            return await forward();
        }

        if (!held.IsDone)
        {
            await hold();
            return await forward();
        }

        FakeResponse answer = await forward();
        await hold();
        return answer;
    }

    /// <summary>Where a call is held: before or after the engine has done one of its requests.</summary>
    private sealed record Point(int Request, bool IsDone)
    {
        public override string ToString() => $"{(IsDone ? "after" : "before")} request {Request}";
    }
}
