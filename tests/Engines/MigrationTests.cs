using Amazon.DynamoDBv2;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Migrate;
using Photos.Runtime;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Unit.Aws;

namespace Photos.Tests.Engines;

/// <summary>The migration of docs/migrate.md, from a bucket with keys by identity ID.</summary>
public sealed class MigrationTests : IClassFixture<StorageEngines>, IDisposable
{
    private const string Old = "course-photos";
    private const string Identity = "eu-central-1:0b7c1d2e-0000-4000-8000-000000000001";

    private static readonly UserId s_alice = UserId.FromSubject("migrated-alice");

    private readonly StorageEngines _engines;
    private readonly AmazonS3Client _s3;
    private readonly AmazonDynamoDBClient _dynamoDb;
    private readonly PhotoTable _table;
    private readonly PhotoBucket _bucket;
    private readonly StringWriter _output = new();

    public MigrationTests(StorageEngines engines)
    {
        _engines = engines;
        _s3 = SdkClients.S3(engines.Settings.Aws);
        _dynamoDb = new AmazonDynamoDBClient(
            SdkClients.Credentials(engines.Settings.Aws), new AmazonDynamoDBConfig { ServiceURL = engines.Settings.Aws.DynamoDbEndpoint!.Origin });
        _table = new PhotoTable(engines.Settings, FunctionLog.CreateDefault(Stream.Null));
        _bucket = new PhotoBucket(engines.Settings);
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _s3.Dispose();
        _dynamoDb.Dispose();
        _output.Dispose();
    }

    [Fact]
    public async Task EveryPhotoOfTheUserIsListedWithItsBytesAndASecondRunChangesNothing()
    {
        await _s3.PutBucketAsync(Old, Canceled);
        await PutAsync($"private/{Identity}/beach.jpg", "image/jpeg", AlbumClient.SmallJpeg);
        await PutAsync($"private/{Identity}/trips/2019/Écluse #1.HEIC", "application/octet-stream", [1, 2, 3]);
        await PutAsync($"private/{Identity}/notes.txt", "text/plain", [1]);
        await PutAsync($"private/{Identity}/trips/", "application/octet-stream", []);
        await PutAsync($"private/{Identity}0/other.png", "image/png", [1, 2]);
        DateTimeOffset now = DateTimeOffset.UtcNow;

        PhotoMigration first = await MigrateAsync();

        Assert.Equal((2, 0, 1), (first.Copied, first.Present, first.Refused));
        Assert.Equal(
            $"private/{Identity}/notes.txt was not copied: contentType is not supported. Send one of {string.Join(", ", PhotoRules.ContentTypes)}.",
            _output.ToString().Trim());
        Photo[] photos = [.. _table.List(s_alice, default, 100, after: null, Canceled).Photos.OrderBy(photo => photo.Size)];
        Assert.Equal([("Écluse #1.HEIC", 3, "image/heic"), ("beach.jpg", AlbumClient.SmallJpeg.Length, "image/jpeg")], photos.Select(photo => (photo.Name, (int)photo.Size, photo.ContentType)));
        Assert.All(photos, photo =>
        {
            Assert.Equal(new UploadedObject(photo.Size, photo.ContentType), _bucket.Find(s_alice, photo.Id, Canceled));
            Assert.Equal(PhotoRules.FormatDate(photo.Id.Time), photo.Date);
            Assert.InRange(now - photo.Id.Time, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        });
        string url = new PhotoUrls(_engines.Settings, TimeProvider.System).Original(s_alice, photos[1].Id);
        Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(url));

        PhotoMigration second = await MigrateAsync();

        Assert.Equal((0, 2, 1), (second.Copied, second.Present, second.Refused));
        Assert.Equal(photos, _table.List(s_alice, default, 100, after: null, Canceled).Photos.OrderBy(photo => photo.Size));
        Assert.Equal(5, (await _s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Old }, Canceled)).KeyCount);
    }

    [Fact]
    public void AUserMapHasALineForEachUser() => Assert.Equal(
        [(Identity, s_alice), ("eu-central-1:2", UserId.FromSubject("bob"))],
        UserMap.Read(["# identity,sub", "", $"{Identity},migrated-alice", " eu-central-1:2 , bob "]));

    [Theory]
    [InlineData("identity")]
    [InlineData("identity,sub,more")]
    [InlineData(",sub")]
    [InlineData("identity,")]
    [InlineData("identity,../sub")]
    [InlineData("private/identity,sub")]
    public void AnInvalidLineIsNamed(string line)
    {
        FormatException e = Assert.Throws<FormatException>(() => UserMap.Read(["a,b", line]));

        Assert.StartsWith("Line 2 must be an identity ID, a comma and the user's sub", e.Message, StringComparison.Ordinal);
    }

    private async Task<PhotoMigration> MigrateAsync()
    {
        var migration = new PhotoMigration(_s3, _dynamoDb, Old, _engines.Settings.Bucket, _engines.Settings.Table, _output);
        await migration.CopyAsync(Identity, s_alice, Canceled);
        return migration;
    }

    private Task<PutObjectResponse> PutAsync(string key, string contentType, byte[] bytes) => _s3.PutObjectAsync(
        new PutObjectRequest { BucketName = Old, Key = key, ContentType = contentType, InputStream = new MemoryStream(bytes), UseChunkEncoding = false }, Canceled);
}
