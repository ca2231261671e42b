using System.Runtime.Versioning;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Ops;

namespace Photos.Tests.Ops;

/// <summary>The audit finds what does not agree, also while the table and the bucket change, and repairs only what no item names.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BucketAuditTests : IAsyncLifetime
{
    private static readonly TimeSpan s_old = BucketAudit.RepairAge + TimeSpan.FromHours(1);
    private static readonly TimeSpan s_young = BucketAudit.RepairAge - TimeSpan.FromHours(1);

    private readonly string _id = OpsAlbum.NewId();
    private OpsAlbum? _album;
    private int _changed;

    private OpsAlbum Album => _album!;

    private static readonly string[] s_renditions = ["preview", "thumbnail"];

    private string Key => OpsAlbum.KeyOf(_id);

    /// <summary>What the keys of the photo's renditions begin with.</summary>
    private string Prefix => Key.Replace("private", "renditions", StringComparison.Ordinal) + "/";

    public async ValueTask InitializeAsync() => _album = await OpsAlbum.StartAsync();

    public ValueTask DisposeAsync() => _album?.DisposeAsync() ?? default;

    [Theory]
    [InlineData(null)]
    [InlineData(PhotoItem.Granted)]
    [InlineData("archived")]
    public async Task AnObjectThatAnItemNamesIsNeverReportedOrDeleted(string? state)
    {
        await Album.PutItemAsync(_id, state);
        await Album.PutObjectAsync(Key, s_old);

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true));
        Assert.True(Album.HasObject(Key));
    }

    [Fact]
    public async Task AGrantWithoutAnObjectIsNotReported()
    {
        await Album.PutItemAsync(_id, PhotoItem.Granted);

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment));
    }

    [Fact]
    public async Task TheObjectOfADeletedPhotoIsReportedAndKept()
    {
        await Album.PutItemAsync(_id, PhotoItem.Deleted);
        await Album.PutObjectAsync(Key, s_old);

        Assert.Equal((FindingKind.DeletedPhoto, Key), Only(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true)));
        Assert.True(Album.HasObject(Key));
    }

    [Fact]
    public async Task AListedPhotoWithoutAnObjectIsReported()
    {
        await Album.PutItemAsync(_id);

        Assert.Equal((FindingKind.MissingObject, Key), Only(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true)));
        Assert.NotNull(await Album.ItemAsync(_id));
    }

    [Theory]
    [InlineData("private/ops/readme.txt")]
    [InlineData("private/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a")]
    [InlineData("private/ops/0190A3C2-5F1E-7C4B-9D3A-2B1F0E6D8C7A")]
    [InlineData("private/ops/0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a/copy")]
    public async Task AnObjectThatIsNotAPhotoIsReportedAndKept(string key)
    {
        await Album.PutObjectAsync(key, s_old);

        Assert.Equal((FindingKind.ForeignObject, key), Only(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true)));
        Assert.True(Album.HasObject(key));
    }

    [Fact]
    public async Task OnlyARepairDeletesAndOnlyWhatIsOlderThanTenDays()
    {
        string young = OpsAlbum.KeyOf(OpsAlbum.NewId());
        await Album.PutObjectAsync(Key, s_old);
        await Album.PutObjectAsync(young, s_young);

        Assert.All(await OpsAlbum.AuditAsync(Album.Deployment), finding => Assert.Equal(FindingKind.UnnamedObject, finding.Kind));
        Assert.True(Album.HasObject(Key));
        List<Finding> repaired = await OpsAlbum.AuditAsync(Album.Deployment, repairs: true);

        Assert.Equal([(FindingKind.Repaired, Key), (FindingKind.UnnamedObject, young)], repaired.Select(one => (one.Kind, one.Key)));
        Assert.InRange(repaired[0].Age, s_old, s_old + TimeSpan.FromMinutes(1));
        Assert.Equal((false, true), (Album.HasObject(Key), Album.HasObject(young)));
        Assert.Equal((FindingKind.UnnamedObject, young), Only(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true)));
    }

    /// <summary>An item that is about to be ready, or of a later version, counts as naming them.</summary>
    [Theory]
    [InlineData(null, PhotoItem.Ready)]
    [InlineData(null, null)]
    [InlineData("archived", PhotoItem.Ready)]
    public async Task RenditionsOfAListedPhotoAreNeverReportedOrDeleted(string? state, string? rendered)
    {
        await PutRenderedAsync(state, rendered);
        await Album.PutObjectAsync(Key, s_old);
        await PutRenditionsAsync(s_old);

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true));
        Assert.All(s_renditions, name => Assert.True(Album.HasObject(Prefix + name)));
    }

    [Theory]
    [InlineData("preview")]
    [InlineData("thumbnail")]
    public async Task AReadyPhotoThatLacksARenditionIsReported(string missing)
    {
        await PutRenderedAsync(state: null, PhotoItem.Ready);
        await Album.PutObjectAsync(Key);
        await PutRenditionsAsync(s_old);
        await Album.DeleteObjectAsync(Prefix + missing);

        Finding finding = Assert.Single(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true));
        Assert.Equal((FindingKind.MissingRenditions, Prefix, true), (finding.Kind, finding.Key, Finding.IsWrong(finding.Kind)));
    }

    /// <summary>More photos than one list has, of two users of whom one has the other's name as a prefix.</summary>
    [Fact]
    public async Task TheRenditionsOfManyPhotosAreListedTogether()
    {
        string[] photos = [.. Enumerable.Range(0, 600).Select(_ => OpsAlbum.NewId()).Order(StringComparer.Ordinal)];
        (string User, string Id)[] all = [.. photos.Select(id => ("ops", id)), .. photos[..3].Select(id => ("ops-2", id))];
        await Parallel.ForEachAsync(all, async (photo, cancellationToken) =>
        {
            Dictionary<string, AttributeValue> item = OpsAlbum.ItemOf(photo.Id, state: null);
            item[PhotoItem.User] = new(photo.User);
            item[PhotoItem.Rendered] = new(PhotoItem.Ready);
            await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, item, cancellationToken);
        });
        await Album.PutObjectsAsync(
        [
            .. all.SelectMany(photo => (string[])
            [
                $"private/{photo.User}/{photo.Id}",
                $"renditions/{photo.User}/{photo.Id}/preview",
                $"renditions/{photo.User}/{photo.Id}/thumbnail",
            ]),
        ]);
        string[] incomplete = [$"renditions/ops-2/{photos[2]}/", $"renditions/ops/{photos[300]}/", $"renditions/ops/{photos[599]}/"];
        await Album.DeleteObjectAsync($"{incomplete[0]}thumbnail");
        await Album.DeleteObjectAsync($"{incomplete[1]}preview");
        await Album.DeleteObjectAsync($"{incomplete[2]}preview");
        await Album.DeleteObjectAsync($"{incomplete[2]}thumbnail");
        List<string> lists = [];
        Album.Interceptor = (sent, forward, _) =>
        {
            lock (lists)
            {
                lists.AddRange(sent.Target.Split('?', '&').Where(part => part.StartsWith("prefix=renditions%2Fops", StringComparison.Ordinal)));
            }

            return forward();
        };

        List<Finding> findings = await OpsAlbum.AuditAsync(Album.Deployment);

        Assert.Equal(incomplete.Select(prefix => (FindingKind.MissingRenditions, prefix)), findings.Select(one => (one.Kind, one.Key)));
        string[] listed = ["renditions/ops/", "renditions/ops/", "renditions/ops-2/", .. incomplete];
        Assert.Equal(
            listed.Select(prefix => $"prefix={prefix.Replace("/", "%2F", StringComparison.Ordinal)}").Order(StringComparer.Ordinal),
            lists.Order(StringComparer.Ordinal));
    }

    /// <summary>The photo was scanned as ready, then its renditions are listed.</summary>
    [Fact]
    public async Task RenditionsThatAreStoredDuringTheAuditAreFound()
    {
        await PutRenderedAsync(state: null, PhotoItem.Ready);
        await Album.PutObjectAsync(Key);
        ChangeBefore($"prefix=renditions%2Fops%2F{_id}", () => PutRenditionsAsync(s_young));

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment));
        Assert.Equal(1, _changed);
    }

    [Fact]
    public async Task RenditionsThatADeleteRemovesDuringTheAuditAreNotMissed()
    {
        await PutRenderedAsync(state: null, PhotoItem.Ready);
        await Album.PutObjectAsync(Key);
        ChangeBefore("GetItem", async () =>
        {
            await Album.PutItemAsync(_id, PhotoItem.Deleted);
            await Album.DeleteObjectAsync(Key);
        });

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment));
        Assert.Equal(1, _changed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OnlyOldRenditionsThatNoReadyItemNamesAreDeleted(bool isUnsupported)
    {
        if (isUnsupported)
        {
            await PutRenderedAsync(state: null, PhotoItem.Unsupported);
            await Album.PutObjectAsync(Key);
        }

        await Album.PutObjectAsync($"{Prefix}preview", s_old);
        await Album.PutObjectAsync($"{Prefix}thumbnail", s_young);

        Assert.All(await OpsAlbum.AuditAsync(Album.Deployment), finding => Assert.Equal(FindingKind.UnnamedObject, finding.Kind));
        List<Finding> repaired = await OpsAlbum.AuditAsync(Album.Deployment, repairs: true);

        Assert.Equal(
            [(FindingKind.Repaired, $"{Prefix}preview"), (FindingKind.UnnamedObject, $"{Prefix}thumbnail")], repaired.Select(one => (one.Kind, one.Key)));
        Assert.Equal((false, true), (Album.HasObject($"{Prefix}preview"), Album.HasObject($"{Prefix}thumbnail")));
    }

    [Fact]
    public async Task RenditionsOfADeletedPhotoAreReportedAndKept()
    {
        await Album.PutItemAsync(_id, PhotoItem.Deleted);
        await PutRenditionsAsync(s_old);

        Assert.Equal(
            s_renditions.Select(name => (FindingKind.DeletedPhoto, Prefix + name)),
            (await OpsAlbum.AuditAsync(Album.Deployment, repairs: true)).Select(finding => (finding.Kind, finding.Key)));
    }

    [Fact]
    public async Task AForeignObjectAmongTheRenditionsIsReportedAndKept()
    {
        await PutRenderedAsync(state: null, rendered: null);
        await Album.PutObjectAsync(Key);
        string key = $"{Prefix}original";
        await Album.PutObjectAsync(key, s_old);

        Assert.Equal((FindingKind.ForeignObject, key), Only(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true)));
        Assert.True(Album.HasObject(key));
    }

    [Fact]
    public async Task ADeleteDuringTheAuditIsNotReported()
    {
        await Album.PutItemAsync(_id);
        await Album.PutObjectAsync(Key);
        ChangeBefore("HEAD", async () =>
        {
            await Album.PutItemAsync(_id, PhotoItem.Deleted);
            await Album.DeleteObjectAsync(Key);
        });

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment));
        Assert.Equal(1, _changed);
    }

    /// <summary>The bucket is listed, then a grant expires: time to live removes the item, and SweepPhoto deletes the object.</summary>
    [Fact]
    public async Task ASweepDuringTheAuditIsNotReported()
    {
        await Album.PutItemAsync(_id, PhotoItem.Granted);
        await Album.PutObjectAsync(Key);
        ChangeBefore("GetItem", async () =>
        {
            await Album.DeleteItemAsync(_id);
            await Album.DeleteObjectAsync(Key);
        });

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment));
        Assert.Equal(1, _changed);
    }

    /// <summary>The table is scanned, then a photo is granted, uploaded and written before the bucket is listed.</summary>
    [Fact]
    public async Task AnUploadDuringTheAuditIsNotReported()
    {
        ChangeBefore("list-type", async () =>
        {
            await Album.PutItemAsync(_id);
            await Album.PutObjectAsync(Key);
        });

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment));
        Assert.Equal(1, _changed);
    }

    /// <summary>An operator restores the item while the audit repairs.</summary>
    [Fact]
    public async Task AnItemThatAppearsBeforeTheRepairKeepsItsObject()
    {
        await Album.PutObjectAsync(Key, s_old);
        ChangeBefore("HEAD", () => Album.PutItemAsync(_id));

        Assert.Empty(await OpsAlbum.AuditAsync(Album.Deployment, repairs: true));
        Assert.Equal(1, _changed);
        Assert.True(Album.HasObject(Key));
    }

    [Fact]
    public async Task EveryPageIsCompared()
    {
        // A page of a list has at most 1,000 objects, and a page of a scan at most 1 MB.
        string[] objects = [.. Enumerable.Range(0, 1100).Select(_ => OpsAlbum.NewId())];
        string[] photos = [.. Enumerable.Range(0, 150).Select(_ => OpsAlbum.NewId())];
        await Album.PutObjectsAsync([.. objects.Select(OpsAlbum.KeyOf)]);
        await Parallel.ForEachAsync(photos, async (id, cancellationToken) =>
        {
            Dictionary<string, AttributeValue> item = OpsAlbum.ItemOf(id, state: null);
            item["note"] = new(new string('x', 10_000));
            await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, item, cancellationToken);
        });

        List<Finding> findings = await OpsAlbum.AuditAsync(Album.Deployment);

        Assert.Equal(
            [.. objects.Select(id => (FindingKind.UnnamedObject, OpsAlbum.KeyOf(id))).Concat(photos.Select(id => (FindingKind.MissingObject, OpsAlbum.KeyOf(id)))).Order()],
            findings.Select(one => (one.Kind, one.Key)).Order());
    }

    /// <summary>Changes the table and the bucket before the audit's first request of a kind.</summary>
    private void ChangeBefore(string request, Func<Task> change)
    {
        Album.Interceptor = async (sent, forward, _) =>
        {
            string text = $"{sent.Method} {sent.Target} {sent.Header("X-Amz-Target", StringComparison.OrdinalIgnoreCase)}";
            if (text.Contains(request, StringComparison.Ordinal) && Interlocked.Exchange(ref _changed, 1) == 0)
            {
                await change();
            }

            return await forward();
        };
    }

    private static (FindingKind Kind, string Key) Only(IEnumerable<Finding> findings)
    {
        Finding finding = Assert.Single(findings);
        return (finding.Kind, finding.Key);
    }

    private async Task PutRenditionsAsync(TimeSpan age)
    {
        foreach (string name in s_renditions)
        {
            await Album.PutObjectAsync(Prefix + name, age);
        }
    }

    private async Task PutRenderedAsync(string? state, string? rendered)
    {
        Dictionary<string, AttributeValue> item = OpsAlbum.ItemOf(_id, state);
        if (rendered is not null)
        {
            item[PhotoItem.Rendered] = new(rendered);
        }

        await Album.Direct.DynamoDb.PutItemAsync(Album.Direct.Table, item, TestContext.Current.CancellationToken);
    }
}
