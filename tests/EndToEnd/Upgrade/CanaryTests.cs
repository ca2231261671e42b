using System.Collections.Concurrent;
using System.Globalization;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;
using Photos.Tests.Life;
using Photos.Tests.Routes;

namespace Photos.Tests.EndToEnd.Upgrade;

/// <summary>The previous release and this version serve the same album, as they do during a gradual deployment.</summary>
[Collection<ReleasedAlbumTests>]
public sealed class CanaryTests(ReleasedAlbum album)
{
    /// <summary>Enough for a photo to be written, deleted, uploaded again and written again.</summary>
    private const int Length = 4;

    private readonly ConcurrentQueue<string> _failures = [];
    private int _orphans;
    private int _revived;

    /// <summary>A client handles each of these responses as docs/client.md says.</summary>
    [Theory(Explicit = true)]
    [InlineData(ReleasedAlbum.Previous)]
    [InlineData(ReleasedAlbum.This)]
    public async Task CallsToTwoVersionsOneAfterAnotherLoseNoPhoto(string granting)
    {
        bool isTagged = granting == ReleasedAlbum.Previous;
        var upload = MixedCall.Upload(isTagged);
        MixedCall[] calls = [upload, MixedCall.OldWrite, MixedCall.NewWrite, MixedCall.OldDelete, MixedCall.NewDelete];
        List<MixedCall[]> sequences =
        [
            .. calls.Where(call => call != upload).Select(call => (MixedCall[])[call]),
            .. Sequences(calls, Length).Select(rest => (MixedCall[])[upload, .. rest]),
        ];

        await Parallel.ForEachAsync(sequences.Index(), new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, _) =>
        {
            string what = $"grant of {granting}, {string.Join(", ", one.Item.Select(call => call.Name))}";
            try
            {
                await RunAsync(what, granting, one.Item, string.Create(CultureInfo.InvariantCulture, $"canary-{granting}-{one.Index:d4}").Replace('.', '_'));
            }
            catch (Exception e)
            {
                _failures.Enqueue($"{what}: {e}");
            }

            LongRun.Progress($"sequence {one.Index} of {sequences.Count}");
        });

        LongRun.Close($"grants of {granting}: {sequences.Count} sequences, {_failures.Count} with a failure; {_revived} listed a deleted photo again, {_orphans} left an object without an item");
        Assert.True(_failures.IsEmpty, string.Join('\n', _failures.Take(20)));
    }

    private async Task RunAsync(string what, string granting, MixedCall[] calls, string user)
    {
        AlbumClient old = await album.SignInAsync(ReleasedAlbum.Previous, user);
        AlbumClient present = await album.SignInAsync(ReleasedAlbum.This, user);
        var start = new PhotoLife(PhotoState.Granted, HasObject: false);
        RacingPhoto photo = await RacingPhoto.CreateAsync(granting == ReleasedAlbum.Previous ? old : present, start);
        var life = new MixedLife(granting == ReleasedAlbum.Previous ? PhotoState.None : PhotoState.Granted, HasTag: null);
        bool isDeleted = false;
        foreach (MixedCall call in calls)
        {
            (string expected, life) = call.Run(life);
            string response = MixedCall.Describe(await call.SendAsync(call.Version == ReleasedAlbum.Previous ? old : present, photo));
            Check(response == expected, $"{call} got {response}, not {expected}");
            isDeleted |= response == "204";
        }

        Check(life.Item != PhotoState.Listed || life.HasTag == false, $"is listed, but tagged or without an object: {life}");
        Check(album.HasTag(user, photo.Id) == life.HasTag, $"the object's tag is not as in {life}");
        string[] listed = life.Item == PhotoState.Listed ? [photo.Id] : [];
        foreach (AlbumClient client in (AlbumClient[])[old, present])
        {
            Check(listed.SequenceEqual(await client.ListAllAsync()), $"is listed or not, against {life}");
            Check((await client.SendAsync("GET", $"/photos/{photo.Id}")).Status == (listed.Length > 0 ? 200 : 404), $"is found or not, against {life}");
        }

        Interlocked.Add(ref _revived, isDeleted && listed.Length > 0 ? 1 : 0);
        Interlocked.Add(ref _orphans, life.IsOrphan ? 1 : 0);

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                _failures.Enqueue($"{what}, {user}: {problem}");
            }
        }
    }

    private static IEnumerable<MixedCall[]> Sequences(MixedCall[] calls, int length) =>
        length == 0 ? [[]] : Sequences(calls, length - 1).SelectMany(before => calls.Select(call => (MixedCall[])[.. before, call]));

    /// <summary>A call of one version pauses before each of its storage requests, and a call of the other runs.</summary>
    [Fact(Explicit = true)]
    public async Task CallsToTwoVersionsAtTheSameTimeLoseNoPhoto()
    {
        const int MostRequests = 6;
        string[] versions = [ReleasedAlbum.Previous, ReleasedAlbum.This];
        RacingCall[] calls = [RacingCall.Write, RacingCall.Delete];
        List<Encounter> encounters =
        [
            .. from granting in versions
               from isListed in (bool[])[false, true]
               from pausing in versions
               from paused in calls
               from request in Enumerable.Range(0, MostRequests)
               from other in calls
               select new Encounter(granting, isListed, pausing, paused, request, other),
        ];
        int met = 0;

        foreach ((int index, Encounter encounter) in encounters.Index())
        {
            if (await MeetAsync(encounter, string.Create(CultureInfo.InvariantCulture, $"meet-{index:d4}-")))
            {
                met++;
            }
        }

        LongRun.Close($"{met} pairs of calls at the same time, {_failures.Count} with a failure; {_orphans} left an object without an item");
        Assert.True(met >= encounters.Count / 3, $"Only {met} of {encounters.Count} calls were paused.");
        Assert.True(_failures.IsEmpty, string.Join('\n', _failures.Take(20)));
    }

    /// <returns>Whether the call has the request before which it is to pause.</returns>
    private async Task<bool> MeetAsync(Encounter encounter, string user)
    {
        FaultyAlbum pausing = await album.OfAsync(encounter.Pausing);
        AlbumClient paused = await album.SignInAsync(encounter.Pausing, user);
        AlbumClient other = await album.SignInAsync(encounter.Pausing == ReleasedAlbum.This ? ReleasedAlbum.Previous : ReleasedAlbum.This, user);
        AlbumClient granting = await album.SignInAsync(encounter.Granting, user);
        RacingPhoto photo = await RacingPhoto.CreateAsync(
            granting, new PhotoLife(encounter.IsListed ? PhotoState.Listed : PhotoState.Granted, HasObject: true));
        int requests = -1;
        ApiResponse? meanwhile = null;
        pausing.Intercept(user, async (_, forward, _) =>
        {
            if (Interlocked.Increment(ref requests) == encounter.Request)
            {
                meanwhile = await encounter.Other.SendAsync(other, photo);
            }

            return await forward();
        });
        ApiResponse response = await encounter.Paused.SendAsync(paused, photo);
        await pausing.ClearFaultsAsync(user);
        if (meanwhile is null)
        {
            return false;
        }

        string[] responses = [MixedCall.Describe(response), MixedCall.Describe(meanwhile)];
        bool? hasTag = album.HasTag(user, photo.Id);
        bool isListed = (await paused.ListAllAsync()).Count > 0;
        Check(isListed == ((await other.ListAllAsync()).Count > 0), "the versions list different photos");
        Check(!isListed || hasTag == false, "is listed, but its object is tagged or missing");
        bool isDeleted = responses.Contains("204");
        bool isWritten = encounter.IsListed || responses.Any(one => one is "200" or "201");
        Check(isListed || isDeleted || !isWritten, "was written and not deleted, but is not listed");
        Check(responses.All(one => one is "200" or "201" or "204" or "404 PhotoNotFound" or "409 PhotoNotUploaded" or "410 GrantExpired" or "410 PhotoDeleted"), "a response is none that a client handles");
        if (hasTag == false && !isListed && !await album.HasItemAsync(user, photo.Id))
        {
            _orphans++;
        }

        return true;

        void Check(bool holds, string problem)
        {
            if (!holds)
            {
                _failures.Enqueue($"{encounter}, {user}: {problem}. The responses are {string.Join(" and ", responses)}.");
            }
        }
    }

    /// <summary>The previous version has the roles of this version's stack until the deployment has finished.</summary>
    [Fact(Explicit = true)]
    public async Task TheRolesAllowWhatThePreviousReleaseRequests()
    {
        const string User = "canary-roles";
        FaultyAlbum previous = await album.OfAsync(ReleasedAlbum.Previous);
        AlbumClient old = await album.SignInAsync(ReleasedAlbum.Previous, User);
        ConcurrentQueue<StorageRequest> requests = [];
        RacingPhoto? photo = null;
        bool isOvertaken = false;
        bool isOvertaking = false;
        previous.Intercept(User, async (request, forward, _) =>
        {
            // An upload is signed by its URL.
            StorageRequest sent = request.Target.Contains("?X-Amz-", StringComparison.Ordinal)
                ? StorageRequest.OfS3(request.Method, request.Target.Split('?')[0])
                : StorageRequest.Of(request);
            if (!isOvertaking)
            {
                requests.Enqueue(sent);
            }

            FakeResponse response = await forward();
            if (isOvertaken && sent.Operation == "PutItem")
            {
                // The write then finds no object, and removes the item.
                (isOvertaken, isOvertaking) = (false, true);
                await RacingCall.Delete.SendAsync(old, photo!);
                isOvertaking = false;
            }

            return response;
        });

        Dictionary<string, HashSet<string>> needed = new(StringComparer.Ordinal);
        await RunAsync("WritePhoto", async () => photo = await RacingPhoto.CreateAsync(old, new PhotoLife(PhotoState.Listed, HasObject: true)));
        await RunAsync("WritePhoto", () => old.WriteAsync(photo!.Id));
        await RunAsync("ListPhotos", () => old.ListAllAsync());
        await RunAsync("ListPhotos", () => old.SendAsync("GET", $"/photos/{photo!.Id}"));
        await RunAsync("DeletePhoto", () => RacingCall.Delete.SendAsync(old, photo!));
        photo = await RacingPhoto.CreateAsync(old, new PhotoLife(PhotoState.Granted, HasObject: true));
        isOvertaken = true;
        await RunAsync("WritePhoto", () => old.WriteAsync(photo.Id));
        await previous.ClearFaultsAsync(User);

        Assert.Equal(["DeletePhoto", "ListPhotos", "WritePhoto"], needed.Keys.Order(StringComparer.Ordinal));
        foreach ((string function, HashSet<string> permissions) in needed)
        {
            Dictionary<string, string> allowed = await Permissions.OfAsync(function);
            Assert.Empty(permissions.Except(allowed.Keys).Select(one => $"{function} of {ReleasedAlbum.Previous} needs {one}. Add it to Permissions.OfPreviousRelease and to the template."));
            Assert.Empty(Permissions.OfPreviousRelease[function].Except(permissions).Select(one => $"{function} of {ReleasedAlbum.Previous} does not need {one}. Remove it."));
        }

        async Task RunAsync(string function, Func<Task> action)
        {
            requests.Clear();
            await action();
            needed.TryAdd(function, []);
            needed[function].UnionWith(requests.SelectMany(request => PermissionsOf(request)));
        }

        // DeployedStack is in another Region than the host.
        static IEnumerable<string> PermissionsOf(StorageRequest request) =>
            request.Permissions(User).Select(permission => permission.Replace("us-east-1", "eu-central-1", StringComparison.Ordinal));
    }

    private sealed record Encounter(string Granting, bool IsListed, string Pausing, RacingCall Paused, int Request, RacingCall Other)
    {
        public override string ToString() =>
            $"grant of {Granting}, {(IsListed ? "listed" : "uploaded")}: {Paused} of {Pausing} paused before request {Request}, {Other} of the other version";
    }
}
