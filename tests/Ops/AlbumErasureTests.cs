using System.Net;
using System.Runtime.Versioning;
using System.Text;
using System.Xml.Linq;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Ops;

namespace Photos.Tests.Ops;

/// <summary><c>make erase</c> leaves nothing of a user, whenever it is ended, and changes nothing of another one.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class AlbumErasureTests : IAsyncLifetime
{
    private const string LongAgo = "2026-01-01T00:00:00Z";
    private const string Nothing = "Left of ops: 0 items, 0 versions of objects, 0 versions of renditions.\n";

    private static readonly UserId s_user = UserId.FromSubject("ops");

    private OpsAlbum? _album;

    private OpsAlbum Album => _album!;

    public async ValueTask InitializeAsync() => _album = await OpsAlbum.StartAsync();

    public ValueTask DisposeAsync() => Album.DisposeAsync();

    /// <summary>The key of one user begins with that of the other.</summary>
    [Fact]
    public async Task NothingIsLeftOfTheUserAndAnotherUserIsUnchanged()
    {
        string[] ids = await AddPhotosAsync();
        await Album.PutItemAsync(OpsAlbum.NewId(), PhotoItem.Deleted);
        await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, new() { [PhotoItem.User] = new("ops"), [PhotoItem.Id] = new("not a photo") }, Canceled);
        await Album.PutObjectAsync("private/ops/not-a-photo");
        Dictionary<string, AttributeValue> other = OpsAlbum.ItemOf(ids[0], state: null);
        other[PhotoItem.User] = new AttributeValue("ops2");
        await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, other, Canceled);
        string[] others = [$"private/ops2/{ids[0]}", $"renditions/ops2/{ids[0]}/preview", "private/op"];
        foreach (string key in others)
        {
            await Album.PutObjectAsync(key);
        }

        ToolResult counted = await Album.RunAsync("erase", "--user", "ops", "--removed", LongAgo);
        ToolResult erased = await Album.RunAsync("erase", "--user", "ops", "--removed", LongAgo, "--confirm");
        ToolResult again = await Album.RunAsync("erase", "--user", "ops", "--removed", LongAgo, "--confirm");

        Assert.Equal((1, ""), (counted.ExitCode, counted.Error));
        Assert.Equal(
            "Left of ops: 4 items, 3 versions of objects, 4 versions of renditions.\n"
            + "Nothing was changed. To erase the user for good, repeat the command with --confirm. It ends after 2026-01-01 01:36:00Z.\n",
            counted.Output);
        Assert.Equal(
            (0, $"{Photos(2)}{Photos(0)}Deleted 3 versions of objects, 4 versions of renditions and 4 items.\n{Nothing}"), (erased.ExitCode, erased.Output));
        Assert.Equal((0, $"{Photos(0)}{Photos(0)}Deleted 0 versions of objects, 0 versions of renditions and 0 items.\n{Nothing}"), (again.ExitCode, again.Output));
        Assert.All(others, key => Assert.True(Album.HasObject(key), key));
        Assert.All(ids, id => Assert.False(Album.HasObject(OpsAlbum.KeyOf(id)), id));
        ScanResponse left = await Album.Direct.DynamoDb.ScanAsync(new ScanRequest(Album.Direct.Table), Canceled);
        Assert.Equal(other.Keys.Order(), Assert.Single(left.Items).Keys.Order());
        Assert.Equal("ops2", left.Items[0][PhotoItem.User].S);
    }

    /// <summary>A token that was issued before adds a photo and an upload, and RenderPhoto is still at work.</summary>
    [Fact]
    public async Task WhatIsAddedUntilTheLastTokenAndTheLastUploadHaveEndedIsErased()
    {
        string[] ids = await AddPhotosAsync();
        string[] added = [];
        string granted = OpsAlbum.NewId();
        List<string?> states = [];
        var clock = new JumpingClock(
            async () =>
            {
                added = await AddPhotosAsync();
                await Album.PutItemAsync(granted, PhotoItem.Granted);
            },
            async () =>
            {
                foreach (string id in (string[])[.. ids, .. added, granted])
                {
                    states.Add((await Album.ItemAsync(id))![PhotoItem.State].S);
                }

                await Album.PutObjectAsync(OpsAlbum.KeyOf(granted));
                await Album.PutObjectAsync($"renditions/ops/{added[0]}/thumbnail");
            });
        DateTimeOffset removed = clock.GetUtcNow();
        var output = new StringWriter();
        var erasure = new AlbumErasure(Album.Direct, s_user, removed, TimeSpan.FromHours(2), clock, output);

        await erasure.RunAsync(Canceled);

        Assert.Equal([removed.AddHours(2).AddMinutes(6), removed.AddHours(2).AddMinutes(6 + 15 + 15)], clock.Waits);
        Assert.Equal(Enumerable.Repeat(PhotoItem.Deleted, 5), states);
        Assert.Equal(new Remains(0, 0, 0), await erasure.CountAsync(Canceled));
        Assert.False(Album.HasObject(OpsAlbum.KeyOf(granted)));
        Assert.Contains($"repeat it later with --removed {removed:yyyy-MM-ddTHH:mm:ssZ}.", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The command is ended before or after each of its requests in turn, and repeated.</summary>
    [Fact]
    public async Task AnErasureThatIsEndedIsContinued()
    {
        int step = 0;
        for (bool isOver = false; !isOver; step++)
        {
            await AddPhotosAsync();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(Canceled);
            int requests = 0;
            bool isDone = step % 2 == 1;
            int last = step / 2;
            Album.Interceptor = async (_, forward, _) =>
            {
                if (Interlocked.Increment(ref requests) - 1 != last)
                {
                    return await forward();
                }

                FakeResponse response = isDone ? await forward() : FakeResponse.HangUp;
                await end.CancelAsync();
                return response;
            };
            Exception? ended = await Record.ExceptionAsync(() => Erasure(Album.Deployment).RunAsync(end.Token));
            isOver = requests <= last;
            Album.Interceptor = null;

            Assert.True(isOver ? ended is null : ended is null or OperationCanceledException, $"{ended}");
            await Erasure(Album.Direct).RunAsync(Canceled);
            Assert.Equal(new Remains(0, 0, 0), await Erasure(Album.Direct).CountAsync(Canceled));
        }

        Assert.InRange(step / 2, 10, 30);
    }

    /// <summary>The local engine keeps no versions, so these are scripted: two pages of them, with delete markers. The second page begins after a version that is deleted by then.</summary>
    [Fact]
    public async Task EveryVersionAndDeleteMarkerIsDeleted()
    {
        List<string> deleted = [];
        Album.Interceptor = (request, forward, _) =>
        {
            if (request.Method == "GET" && request.Target.Contains("versions", StringComparison.Ordinal))
            {
                string target = Uri.UnescapeDataString(request.Target);
                string prefix = target.Contains("prefix=private/ops/", StringComparison.Ordinal) ? "private/ops/" : "renditions/ops/";
                int marker = Enumerable.Range(1, 4).LastOrDefault(number => target.Contains($"version-id-marker={number}", StringComparison.Ordinal));
                int[] left = [.. Enumerable.Range(1, 4).Where(number => number > marker && !deleted.Contains(Describe(prefix, number)))];

                // A marker that is gone ends the list, as in an engine that looks for it.
                return Task.FromResult(deleted.Contains(Describe(prefix, marker)) ? Page(prefix, []) : Page(prefix, left));
            }

            if (request.Method == "POST" && request.Target.Contains("?delete", StringComparison.Ordinal))
            {
                deleted.AddRange(XDocument.Parse(request.Text).Descendants().Where(one => one.Name.LocalName == "Object").Select(one => string.Join(' ', one.Elements().Select(part => part.Value))));
                return Task.FromResult(Xml("<DeleteResult/>"));
            }

            return forward();
        };
        AlbumErasure erasure = Erasure(Album.Deployment);

        Assert.Equal(new Remains(0, 4, 4), await erasure.CountAsync(Canceled));
        await erasure.RunAsync(Canceled);

        Assert.Equal(
            [.. from prefix in (string[])["private/ops/", "renditions/ops/"] from number in Enumerable.Range(1, 4) select Describe(prefix, number)], deleted);
        Assert.Equal(new Remains(0, 0, 0), await erasure.CountAsync(Canceled));
    }

    /// <summary>What S3 could not delete is left, and the command says so.</summary>
    [Fact]
    public async Task AnErrorOfS3IsPrinted()
    {
        await AddPhotosAsync();
        Album.Interceptor = (request, forward, _) => request.Method == "POST" && request.Target.Contains("?delete", StringComparison.Ordinal)
            ? Task.FromResult(Xml("<DeleteResult><Error><Key>private/ops/1</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>"))
            : forward();

        ToolResult erased = await Album.RunAsync("erase", "--user", "ops", "--removed", LongAgo, "--confirm");

        Assert.Equal((2, $"{Photos(2)}{Photos(0)}"), (erased.ExitCode, erased.Output));
        Assert.NotEqual("", erased.Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../bob")]
    [InlineData("ops/")]
    [InlineData("*")]
    [InlineData("o ps")]
    public async Task WhatIsNotAUserIdIsRefused(string user)
    {
        string[] ids = await AddPhotosAsync();

        ToolResult refused = await Album.RunAsync("erase", "--user", user, "--removed", LongAgo, "--confirm");

        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.StartsWith("--user is not a user id.", refused.Error, StringComparison.Ordinal);
        Assert.All(ids, id => Assert.True(Album.HasObject(OpsAlbum.KeyOf(id)), id));
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static string Photos(int count) => $"Deleted {count} photos and grants in the table.\n";

    private static AlbumErasure Erasure(Deployment deployment) =>
        new(deployment, s_user, DateTimeOffset.UtcNow.AddDays(-1), TimeSpan.FromHours(1), TimeProvider.System, TextWriter.Null);

    private static string Describe(string prefix, int number) => $"{prefix}{number} {number}";

    /// <summary>A page of two versions, every other one of which is a delete marker.</summary>
    private static FakeResponse Page(string prefix, int[] left)
    {
        int[] page = [.. left.Take(2)];
        bool isTruncated = left.Length > page.Length;
        string next = isTruncated ? $"<NextKeyMarker>{prefix}{page[^1]}</NextKeyMarker><NextVersionIdMarker>{page[^1]}</NextVersionIdMarker>" : "";
        return Xml($"<ListVersionsResult><Prefix>{prefix}</Prefix>{next}<IsTruncated>{(isTruncated ? "true" : "false")}</IsTruncated>{string.Concat(page.Select(Version))}</ListVersionsResult>");

        string Version(int number)
        {
            string element = number % 2 == 1 ? "DeleteMarker" : "Version";
            return $"<{element}><Key>{prefix}{number}</Key><VersionId>{number}</VersionId><IsLatest>false</IsLatest></{element}>";
        }
    }

    private static FakeResponse Xml(string body) =>
        FakeResponse.Http((int)HttpStatusCode.OK, ["Content-Type: application/xml"], Encoding.UTF8.GetBytes($"<?xml version=\"1.0\" encoding=\"UTF-8\"?>{body}"));

    /// <summary>Adds a listed photo and a grant, with their objects and two renditions each.</summary>
    private async Task<string[]> AddPhotosAsync()
    {
        string[] ids = [OpsAlbum.NewId(), OpsAlbum.NewId()];
        await Album.PutItemAsync(ids[0]);
        await Album.PutItemAsync(ids[1], PhotoItem.Granted);
        foreach (string id in ids)
        {
            await Album.PutObjectAsync(OpsAlbum.KeyOf(id));
            await Album.PutObjectAsync($"renditions/ops/{id}/preview");
            await Album.PutObjectAsync($"renditions/ops/{id}/thumbnail");
        }

        return ids;
    }

    /// <summary>A clock on which each wait ends at once, after something has happened.</summary>
    private sealed class JumpingClock(params Func<Task>[] meanwhile) : TimeProvider
    {
        private DateTimeOffset _now = new(DateTimeOffset.UtcNow.Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

        /// <summary>The ends of the waits.</summary>
        public List<DateTimeOffset> Waits { get; } = [];

        public override DateTimeOffset GetUtcNow() => _now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(_now + dueTime);
            Func<Task> happens = meanwhile[Waits.Count - 1];
            return System.CreateTimer(
                _ =>
                {
                    happens().Wait(Canceled);
                    _now = Waits[^1];
                    callback(state);
                },
                state: null,
                TimeSpan.Zero,
                Timeout.InfiniteTimeSpan);
        }
    }
}
