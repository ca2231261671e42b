using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.Unit.Aws;
using Photos.Tests.Unit.Net;

namespace Photos.Tests.Engines;

public class PhotoBucketTests(StorageEngines engines) : IClassFixture<StorageEngines>
{
    private static readonly UserId s_alice = UserId.FromSubject("bucket-alice");
    private readonly PhotoBucket _bucket = new(engines.Settings);
    private readonly PhotoUrls _urls = new(engines.Settings, TimeProvider.System);

    [Fact]
    public async Task AGrantedUploadIsFoundAndExpiresUntilItIsKept()
    {
        PhotoId id = await UploadAsync();

        Assert.Equal(new UploadedObject(4, "image/png"), _bucket.Find(s_alice, id, Canceled));
        Tag tag = Assert.Single(await TagsAsync(id));
        Assert.Equal(PhotoUrls.UnfinishedTag, $"{tag.Key}={tag.Value}");

        Assert.True(_bucket.TryKeep(s_alice, id, Canceled));
        Assert.True(_bucket.TryKeep(s_alice, id, Canceled));

        Assert.Empty(await TagsAsync(id));
        Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(_urls.Download(s_alice, id)));
    }

    [Fact]
    public void AMissingObjectIsNeitherFoundNorKept()
    {
        PhotoId id = PhotoId.Create(DateTimeOffset.UtcNow);

        Assert.Null(_bucket.Find(s_alice, id, Canceled));
        Assert.False(_bucket.TryKeep(s_alice, id, Canceled));
        _bucket.Delete(s_alice, id, Canceled);
    }

    [Fact]
    public async Task DeletingAffectsOnlyOneUsersObject()
    {
        PhotoId id = await UploadAsync();

        _bucket.Delete(UserId.FromSubject("bucket-bob"), id, Canceled);
        Assert.NotNull(_bucket.Find(s_alice, id, Canceled));

        _bucket.Delete(s_alice, id, Canceled);
        Assert.Null(_bucket.Find(s_alice, id, Canceled));
    }

    [Fact]
    public async Task AnUnreachableEngineIsReportedAsUnavailable()
    {
        var bucket = new PhotoBucket(engines.Settings with { Aws = engines.Settings.Aws with { S3Endpoint = new Uri("http://127.0.0.1:1") } });

        PhotoException refusal = Assert.Throws<PhotoException>(
            () => bucket.Delete(s_alice, PhotoId.Create(DateTimeOffset.UtcNow), Canceled));

        Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
    }

    [Theory]
    [InlineData("X: y")]
    [InlineData("Content-Length:")]
    [InlineData("Content-Length: -5")]
    [InlineData("Content-Length: x")]
    [InlineData("Content-Length: 99999999999999999999")]
    public async Task AResponseWithoutASizeIsReportedAsUnavailable(string header)
    {
        await using var server = new FakeHttpServer(
            (_, _) => ValueTask.FromResult(new FakeResponse([Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{header}\r\n\r\n")])));
        var bucket = new PhotoBucket(engines.Settings with { Aws = engines.Settings.Aws with { S3Endpoint = new Uri($"http://{server.Address}") } });

        PhotoException refusal = Assert.Throws<PhotoException>(
            () => bucket.Find(s_alice, PhotoId.Create(DateTimeOffset.UtcNow), Canceled));

        Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private async Task<PhotoId> UploadAsync()
    {
        PhotoId id = PhotoId.Create(DateTimeOffset.UtcNow);
        UploadGrant grant = _urls.Upload(s_alice, id, "image/png", 4);
        using var request = new HttpRequestMessage(new HttpMethod(grant.Method), grant.Url);
        request.Content = new ByteArrayContent(AlbumClient.SmallJpeg);
        foreach ((string name, string value) in grant.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        Assert.Equal(200, (await AlbumClient.SendAsync(request)).Status);
        return id;
    }

    private async Task<List<Tag>> TagsAsync(PhotoId id)
    {
        using AmazonS3Client sdk = SdkClients.S3(engines.Settings.Aws);
        var request = new GetObjectTaggingRequest { BucketName = engines.Settings.Bucket, Key = PhotoBucket.Key(s_alice, id) };
        return (await sdk.GetObjectTaggingAsync(request, Canceled)).Tagging ?? [];
    }
}
