using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Photos.Album;
using Photos.Local.Engines;
using Photos.Runtime;

namespace Photos.Tests.Engines;

/// <summary>An album at rest, in either order: each page, for every range and size, from a table and an index of a real engine.</summary>
public sealed class PhotoOrderTests : IClassFixture<StorageEngines>, IDisposable
{
    private const int Photos = 60;

    private static readonly DateTimeOffset s_begin = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero);

    // Of the engines of this class.
    private static Task<(UserId User, (Photo Photo, DateTimeOffset Taken)[] Album)>? s_album;

    private readonly StorageEngines _engines;
    private readonly MemoryStream _logged = new();
    private readonly PhotoTable _table;
    private readonly AmazonDynamoDBClient _sdk;

    public PhotoOrderTests(StorageEngines engines)
    {
        _engines = engines;
        _table = new PhotoTable(engines.Settings, FunctionLog.CreateDefault(_logged));
        _sdk = new AmazonDynamoDBClient(
            LocalEngines.BuiltInCredentials, new AmazonDynamoDBConfig { ServiceURL = engines.Settings.Aws.DynamoDbEndpoint!.Origin });
    }

    public void Dispose()
    {
        _sdk.Dispose();
        _logged.Dispose();
    }

    /// <summary>The times, in hours after <see cref="s_begin"/>; <see langword="null"/> for none.</summary>
    public static MatrixTheoryData<PhotoOrder, int, double?, double?> Ranges { get; } =
        new([PhotoOrder.Uploaded, PhotoOrder.Taken], [1, 7, 100], [null, 0, 3, 3.5, -1_000_000, 1000], [null, 0, 5, 5.25, 1000, -700_000]);

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task EveryPhotoOfARangeIsOnOnePage(PhotoOrder order, int limit, double? from, double? to)
    {
        (UserId user, (Photo Photo, DateTimeOffset Taken)[] album) = await (s_album ??= CreateAsync());
        var range = new PhotoRange(order, TimeOf(from), TimeOf(to));

        List<Photo> read = ReadAll(user, _ => range, limit);

        Photo[] expected = [.. album.Where(one => IsIn(range, TimeIn(order, one))).Select(one => one.Photo)];
        Assert.Equal(expected.Select(photo => photo.Id.Value).Order(StringComparer.Ordinal), read.Select(photo => photo.Id.Value).Order(StringComparer.Ordinal));
        DateTimeOffset[] times = [.. read.Select(photo => TimeIn(order, album.Single(one => one.Photo == photo)))];
        Assert.Equal(times.OrderDescending(), times);
        Assert.Empty(_logged.ToArray());
    }

    /// <summary>DynamoDB refuses a start that is outside the range, which a client may change between two pages.</summary>
    [Theory]
    [InlineData(PhotoOrder.Uploaded)]
    [InlineData(PhotoOrder.Taken)]
    public async Task ARangeThatChangesBetweenPagesIsHonored(PhotoOrder order)
    {
        (UserId user, (Photo Photo, DateTimeOffset Taken)[] album) = await (s_album ??= CreateAsync());
        PhotoPage first = _table.List(user, new PhotoRange(order, From: null, To: null), 20, after: null, Canceled);
        DateTimeOffset last = TimeIn(order, album.Single(one => one.Photo == first.Photos[^1]));

        Assert.Equal(Older(null), Read(new PhotoRange(order, From: null, To: null)));
        Assert.Equal(Older(last.AddHours(-2)), Read(new PhotoRange(order, From: null, last.AddHours(-2))));
        Assert.Equal(Older(null), Read(new PhotoRange(order, From: null, last.AddHours(2))));
        Assert.Equal(Older(last), Read(new PhotoRange(order, From: null, last)));
        Assert.Equal(Older(last).Where(photo => TimeIn(order, album.Single(one => one.Photo == photo)) >= s_begin), Read(new PhotoRange(order, s_begin, last)));
        Assert.Empty(Read(new PhotoRange(order, last.AddHours(1), To: null)));
        Assert.Empty(Read(new PhotoRange(order, last.AddHours(1), last.AddHours(2))));

        List<Photo> Read(PhotoRange range) => [.. _table.List(user, range, 100, first.Next, Canceled).Photos];

        // What the first page has not, in the order of one page that has all.
        IEnumerable<Photo> Older(DateTimeOffset? before) =>
            _table.List(user, new PhotoRange(order, From: null, before), 100, after: null, Canceled).Photos.Except(first.Photos);
    }

    [Theory]
    [InlineData(PhotoOrder.Uploaded)]
    [InlineData(PhotoOrder.Taken)]
    public void ARangeHasItsLastMillisecondAndNotTheNext(PhotoOrder order)
    {
        UserId alice = UserId.FromSubject($"order-last-{order}");
        Photo[] photos = [NewPhoto(s_begin.AddMilliseconds(1)), NewPhoto(s_begin), NewPhoto(s_begin.AddMilliseconds(-1))];
        foreach (Photo photo in photos)
        {
            _table.Grant(alice, photo, s_begin.AddDays(1), Canceled);
            Write(_table, alice, photo);
        }

        Assert.Equal([photos[1]], List(s_begin));
        Assert.Equal([photos[1], photos[2]], List(s_begin.AddMilliseconds(-1)));

        IReadOnlyList<Photo> List(DateTimeOffset from) =>
            _table.List(alice, new PhotoRange(order, from, s_begin.AddMilliseconds(1)), 10, after: null, Canceled).Photos;
    }

    [Fact]
    public async Task APhotoIsInTheIndexFromItsWriteUntilItsDelete()
    {
        UserId alice = UserId.FromSubject("order-life");
        var taken = new PhotoRange(PhotoOrder.Taken, From: null, To: null);
        Photo photo = NewPhoto(s_begin);
        _table.Grant(alice, photo, s_begin.AddDays(1), Canceled);
        Assert.Empty(_table.List(alice, taken, 10, after: null, Canceled).Photos);

        Write(_table, alice, photo);
        Assert.Equal([photo], _table.List(alice, taken, 10, after: null, Canceled).Photos);
        Assert.Equal([photo], _table.List(alice, taken with { From = s_begin, To = s_begin.AddMilliseconds(1) }, 10, after: null, Canceled).Photos);

        _table.Delete(alice, photo.Id, s_begin.AddDays(1), Canceled);
        Assert.Empty(_table.List(alice, taken, 10, after: null, Canceled).Photos);
        QueryResponse index = await _sdk.QueryAsync(
            new QueryRequest
            {
                TableName = _engines.Settings.Table,
                IndexName = PhotoItem.ByTaken,
                KeyConditionExpression = "id = :user",
                ExpressionAttributeValues = new() { [":user"] = new AttributeValue(alice.Value) },
            },
            Canceled);
        Assert.Equal(0, index.Count);
    }

    /// <summary>As of a tombstone that a release before the index left, or an item that a later one wrote.</summary>
    [Theory]
    [InlineData("deleted", "2026-05-01T00:00:00.000Z", false)]
    [InlineData("later", "2026-05-01T00:00:00.000Z", true)]
    [InlineData(null, "2026-05-01", true)]
    public async Task AnItemInTheIndexThatIsNotAPhotoIsSkipped(string? state, string takenUtc, bool isLogged)
    {
        UserId alice = UserId.FromSubject($"order-not-{state}");
        Photo photo = NewPhoto(s_begin);
        Photo other = NewPhoto(s_begin.AddDays(-1));
        await PutAsync(_sdk, _engines.Settings, alice, other, "2026-04-30T00:00:00.000Z", state: null);
        await PutAsync(_sdk, _engines.Settings, alice, photo, takenUtc, state);

        PhotoPage page = _table.List(alice, new PhotoRange(PhotoOrder.Taken, From: null, To: null), 1, after: null, Canceled);

        Assert.Equal([other], page.Photos);
        Assert.Null(page.Next);
        Assert.Equal(isLogged, Encoding.UTF8.GetString(_logged.ToArray()).Contains("Skipped an item that is not a photo", StringComparison.Ordinal));
    }

    /// <summary>The bulk of an album that was scanned: every photo has the same time.</summary>
    [Fact]
    public async Task PhotosThatWereTakenAtTheSameTimeAreEachOnOnePage()
    {
        const int Same = 5000;
        const int MostItemsOfABatch = 25;
        UserId alice = UserId.FromSubject("order-same");
        string[] ids = [.. Enumerable.Range(0, Same).Select(number => PhotoId.Create(s_begin.AddSeconds(number)).Value)];
        await Parallel.ForEachAsync(ids.Chunk(MostItemsOfABatch), Canceled, async (some, cancellationToken) =>
        {
            BatchWriteItemResponse response = await _sdk.BatchWriteItemAsync(
                new Dictionary<string, List<WriteRequest>>
                {
                    [_engines.Settings.Table] =
                        [.. some.Select(id => new WriteRequest(new PutRequest(ItemOf(alice, NewPhoto(PhotoId.Parse(id)), "2026-05-01T12:00:00.000Z", state: null))))],
                },
                cancellationToken);
            Assert.True(response.UnprocessedItems is null or { Count: 0 });
        });

        List<Photo> read = ReadAll(alice, page => new PhotoRange(PhotoOrder.Taken, page == 0 ? null : s_begin, s_begin.AddDays(1)), 100);

        Assert.Equal(ids.Order(StringComparer.Ordinal), read.Select(photo => photo.Id.Value).Order(StringComparer.Ordinal));
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static DateTimeOffset? TimeOf(double? hours) => hours is double value ? s_begin.AddHours(value) : null;

    private static DateTimeOffset TimeIn(PhotoOrder order, (Photo Photo, DateTimeOffset Taken) one) =>
        order == PhotoOrder.Taken ? one.Taken : one.Photo.Id.Time;

    private static bool IsIn(PhotoRange range, DateTimeOffset time) => (range.From is null || time >= range.From) && (range.To is null || time < range.To);

    private static Photo NewPhoto(DateTimeOffset time) => NewPhoto(PhotoId.Create(time));

    private static Photo NewPhoto(PhotoId id) => new(id, "a.jpg", PhotoRules.FormatDate(id.Time), 4, "image/jpeg");

    private static void Write(PhotoTable table, UserId user, Photo photo) =>
        Assert.True(table.Write(user, photo.Id, name: null, new UploadedObject(photo.Size, photo.ContentType), s_begin, Canceled).IsNew);

    private static Dictionary<string, AttributeValue> ItemOf(UserId user, Photo photo, string? takenUtc, string? state)
    {
        Dictionary<string, AttributeValue> item = PhotoItem.Of(user, photo);
        if (takenUtc is not null)
        {
            item[PhotoItem.TakenUtc] = new AttributeValue(takenUtc);
        }

        if (state is not null)
        {
            item[PhotoItem.State] = new AttributeValue(state);
        }

        return item;
    }

    private static Task<PutItemResponse> PutAsync(AmazonDynamoDBClient sdk, AlbumSettings settings, UserId user, Photo photo, string? takenUtc, string? state) =>
        sdk.PutItemAsync(settings.Table, ItemOf(user, photo, takenUtc, state), Canceled);

    /// <summary>Photos that were uploaded two in a millisecond, and taken in another order, some at the same time. Between them are grants and tombstones.</summary>
    private async Task<(UserId User, (Photo Photo, DateTimeOffset Taken)[] Album)> CreateAsync()
    {
        UserId user = UserId.FromSubject("order-album");
        List<(Photo Photo, DateTimeOffset Taken)> album = [];
        for (int i = 0; i < Photos; i++)
        {
            (Photo photo, DateTimeOffset taken) = (NewPhoto(s_begin.AddMinutes(i / 2 * 20)), s_begin.AddMinutes(i * 7 % 13 * 45));
            await PutAsync(_sdk, _engines.Settings, user, photo, PhotoRules.FormatDate(taken), state: null);
            await PutAsync(_sdk, _engines.Settings, user, NewPhoto(photo.Id.Time), takenUtc: null, i % 3 == 0 ? PhotoItem.Deleted : PhotoItem.Granted);
            album.Add((photo, taken));
        }

        return (user, [.. album]);
    }

    private List<Photo> ReadAll(UserId user, Func<int, PhotoRange> rangeOf, int limit)
    {
        List<Photo> read = [];
        PhotoPosition? next = null;
        for (int number = 0; number == 0 || next is not null; number++)
        {
            PhotoPage page = _table.List(user, rangeOf(number), limit, next, Canceled);
            read.AddRange(page.Photos);
            next = page.Next;
            Assert.True(next is null || page.Photos.Count == limit);
        }

        return read;
    }
}
