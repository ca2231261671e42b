using System.Net;
using System.Text;
using System.Xml.Linq;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Aws;
using Photos.Local.Engines;
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
    public async Task AGrantedUploadIsFoundAndDownloaded()
    {
        PhotoId id = await UploadAsync();

        Assert.Equal(new UploadedObject(4, "image/png"), _bucket.Find(s_alice, id, Canceled));
        Assert.Equal(AlbumClient.SmallJpeg, await AlbumClient.GetBytesAsync(_urls.Original(s_alice, id)));
    }

    /// <summary>What S3 does with the parameters that a URL's signature covers.</summary>
    [Fact]
    public async Task AUrlSetsTheHeadersOfItsResponse()
    {
        PhotoId id = await UploadAsync();
        var photo = new Photo(id, "Écluse", "", 4, "image/png");

        ApiResponse shown = await AlbumClient.DownloadAsync(_urls.Original(s_alice, id));
        ApiResponse saved = await AlbumClient.DownloadAsync(_urls.Attachment(s_alice, photo));

        Assert.Equal((200, "image/png", "private, max-age=31536000, immutable"), (shown.Status, $"{shown.ContentHeaders.ContentType}", RawHeader(shown, "Cache-Control")));
        Assert.Null(shown.ContentHeaders.ContentDisposition);
        Assert.Equal((200, "image/png"), (saved.Status, $"{saved.ContentHeaders.ContentType}"));
        Assert.Equal("attachment; filename=\"_cluse.png\"; filename*=UTF-8''%C3%89cluse.png", RawHeader(saved, "Content-Disposition"));
        Assert.Equal(AlbumClient.SmallJpeg, saved.Body);
    }

    [Theory]
    [InlineData("response-cache-control=private", "response-cache-control=public")]
    [InlineData("response-cache-control=", "response-content-type=")]
    [InlineData("&response-cache-control=private%2C%20max-age%3D31536000%2C%20immutable", "")]
    [InlineData("&X-Amz-Signature=", "&response-content-type=text%2Fhtml&X-Amz-Signature=")]
    [InlineData("&X-Amz-Signature=", "&response-content-disposition=inline&X-Amz-Signature=")]
    public async Task AnotherHeaderNeedsAnotherSignature(string part, string other)
    {
        string url = _urls.Original(s_alice, await UploadAsync());
        Assert.Contains(part, url, StringComparison.Ordinal);

        Assert.Equal(403, (await AlbumClient.DownloadAsync(url.Replace(part, other, StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task ARenditionIsServedWithItsOwnHeaders()
    {
        PhotoId id = PhotoId.Create(DateTimeOffset.UtcNow);
        using AmazonS3Client sdk = SdkClients.S3(engines.Settings.Aws);
        foreach (string rendition in (string[])[PhotoBucket.Thumbnail, PhotoBucket.Preview])
        {
            var put = new PutObjectRequest
            {
                BucketName = engines.Settings.Bucket,
                Key = PhotoBucket.RenditionKey(s_alice, id, rendition),
                ContentBody = rendition,
                ContentType = "image/webp",
                UseChunkEncoding = false,
            };
            put.Headers.CacheControl = "private, max-age=31536000, immutable";
            await sdk.PutObjectAsync(put, Canceled);

            ApiResponse response = await AlbumClient.DownloadAsync(_urls.Rendition(s_alice, id, rendition));

            Assert.Equal((200, "image/webp", rendition), (response.Status, $"{response.ContentHeaders.ContentType}", response.Text));
            Assert.Equal("private, max-age=31536000, immutable", RawHeader(response, "Cache-Control"));
        }
    }

    [Fact]
    public void AMissingObjectIsNotFoundAndDeletingItIsNotAnError()
    {
        PhotoId id = PhotoId.Create(DateTimeOffset.UtcNow);

        Assert.Null(_bucket.Find(s_alice, id, Canceled));
        _bucket.Delete(s_alice, id, Canceled);
        _bucket.Sweep(s_alice, id, isRecoverable: true, Canceled);
        _bucket.Sweep(s_alice, id, isRecoverable: false, Canceled);
    }

    /// <summary>S3 responds 404 to a request for a missing bucket too. A delete or a sweep that took it for success would leave the object.</summary>
    [Fact]
    public void AMissingBucketIsNotAMissingObject()
    {
        var bucket = new PhotoBucket(engines.Settings with { Bucket = "no-such-bucket" });
        PhotoId id = PhotoId.Create(DateTimeOffset.UtcNow);
        Action[] calls =
        [
            () => bucket.Find(s_alice, id, Canceled),
            () => bucket.Delete(s_alice, id, Canceled),
            () => bucket.Sweep(s_alice, id, isRecoverable: true, Canceled),
            () => bucket.Sweep(s_alice, id, isRecoverable: false, Canceled),
        ];

        Assert.All(calls, call => Assert.Equal("NoSuchBucket", Assert.Throws<AwsException>(call).Code));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SweepingAffectsOnlyOneObject(bool isRecoverable)
    {
        PhotoId id = await UploadAsync();
        PhotoId other = await UploadAsync();
        using AmazonS3Client sdk = SdkClients.S3(engines.Settings.Aws);

        // Listed with the photo's object, because it begins with its key.
        string longer = PhotoBucket.Key(s_alice, id) + "-longer";
        await sdk.PutObjectAsync(new PutObjectRequest { BucketName = engines.Settings.Bucket, Key = longer, ContentBody = "a", UseChunkEncoding = false }, Canceled);

        _bucket.Sweep(s_alice, id, isRecoverable, Canceled);
        _bucket.Sweep(s_alice, id, isRecoverable, Canceled);

        Assert.Null(_bucket.Find(s_alice, id, Canceled));
        Assert.NotNull(_bucket.Find(s_alice, other, Canceled));
        Assert.Equal(1, (await sdk.GetObjectMetadataAsync(engines.Settings.Bucket, longer, Canceled)).ContentLength);
    }

    [Fact]
    public async Task OnlyTheRenditionsOfASweptPhotoAreDeleted()
    {
        using AmazonS3Client sdk = SdkClients.S3(engines.Settings.Aws);
        PhotoId[] ids = [await UploadAsync(), await UploadAsync(), await UploadAsync()];
        string[] keys = [.. ids.SelectMany(id => (string[])["preview", "thumbnail"], (id, name) => PhotoBucket.RenditionPrefix(s_alice, id) + name)];
        foreach (string key in keys)
        {
            await sdk.PutObjectAsync(new PutObjectRequest { BucketName = engines.Settings.Bucket, Key = key, ContentBody = "a", UseChunkEncoding = false }, Canceled);
        }

        _bucket.Sweep(s_alice, ids[0], isRecoverable: true, Canceled);
        _bucket.Sweep(s_alice, ids[1], isRecoverable: false, Canceled);

        ListObjectsV2Response left = await sdk.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = engines.Settings.Bucket, Prefix = $"renditions/{s_alice.Value}/" }, Canceled);
        Assert.Equal(keys[4..], left.S3Objects.Select(one => one.Key).Intersect(keys));
        Assert.Null(_bucket.Find(s_alice, ids[0], Canceled));
    }

    [Fact]
    public async Task VersionsAreListedPageByPage()
    {
        UserId user = UserId.FromSubject("bucket-versions");
        PhotoId[] ids = [await UploadAsync(user), await UploadAsync(user)];
        string prefix = $"private/{user.Value}/";
        string query = $"max-keys=1&prefix={SigV4.Encode(prefix)}&versions=";

        XDocument first = ListVersions(query);
        XDocument last = ListVersions($"key-marker={SigV4.Encode(Text(first, "NextKeyMarker")!)}&{query}");

        Assert.Equal(ids.Select(id => prefix + id).Order(StringComparer.Ordinal), [Text(first, "Key")!, Text(last, "Key")!]);
        Assert.Equal(["true", "null", "4"], [Text(first, "IsLatest"), Text(first, "VersionId"), Text(first, "Size")]);
        Assert.Equal(("true", "false"), (Text(first, "IsTruncated"), Text(last, "IsTruncated")));
    }

    /// <summary>The engine walks through folders from which other requests remove files.</summary>
    [Fact]
    public async Task ObjectsAreListedWhileOthersAreDeleted()
    {
        var config = new AmazonS3Config
        {
            ServiceURL = engines.Settings.Aws.S3Endpoint!.Origin,
            AuthenticationRegion = engines.Settings.Aws.Region,
            ForcePathStyle = true,
            MaxErrorRetry = 0,
        };
        using var sdk = new AmazonS3Client(LocalEngines.BuiltInCredentials, config);
        PhotoId id = await UploadAsync();
        foreach (int i in Enumerable.Range(0, 3000))
        {
            // So that the walk takes some time.
            Directory.CreateDirectory(Path.GetDirectoryName(engines.FileOf($"private/bucket-idle-{i}/photo"))!);
        }

        var request = new ListVersionsRequest { BucketName = engines.Settings.Bucket, Prefix = PhotoBucket.Key(s_alice, id) };
        Task others = Parallel.ForEachAsync(Enumerable.Range(0, 200), Canceled, async (i, _) =>
        {
            string key = $"private/bucket-other-{i}/photo";
            await sdk.PutObjectAsync(new PutObjectRequest { BucketName = engines.Settings.Bucket, Key = key, ContentBody = "a", UseChunkEncoding = false }, Canceled);
            await sdk.DeleteObjectAsync(engines.Settings.Bucket, key, Canceled);
        });

        while (!others.IsCompleted)
        {
            Assert.Single((await sdk.ListVersionsAsync(request, Canceled)).Versions);
        }

        await others;
    }

    [Fact]
    public async Task AnotherVersionThanTheOnlyOneIsRejected()
    {
        PhotoId id = await UploadAsync();
        using AmazonS3Client sdk = SdkClients.S3(engines.Settings.Aws);
        var request = new DeleteObjectRequest { BucketName = engines.Settings.Bucket, Key = PhotoBucket.Key(s_alice, id), VersionId = "1" };

        AmazonS3Exception error = await Assert.ThrowsAsync<AmazonS3Exception>(() => sdk.DeleteObjectAsync(request, Canceled));

        Assert.Equal("InvalidArgument", error.ErrorCode);
        Assert.NotNull(_bucket.Find(s_alice, id, Canceled));
    }

    [Theory]
    [InlineData("?versions=")]
    [InlineData("?prefix=private%2F&versions=")]
    public async Task VersionsAreListedOnlyForASignedRequest(string query)
    {
        using var http = new HttpClient();

        using HttpResponseMessage response = await http.GetAsync($"{engines.Settings.Aws.S3Endpoint!.Origin}/{engines.Settings.Bucket}{query}", Canceled);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
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
        var bucket = new PhotoBucket(engines.Settings with { Aws = engines.Settings.Aws with { S3Endpoint = new Uri("http://127.0.0.1:1").ToEndpoint() } });

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
        var bucket = new PhotoBucket(engines.Settings with { Aws = engines.Settings.Aws with { S3Endpoint = new Uri($"http://{server.Address}").ToEndpoint() } });

        PhotoException refusal = Assert.Throws<PhotoException>(
            () => bucket.Find(s_alice, PhotoId.Create(DateTimeOffset.UtcNow), Canceled));

        Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
    }

    private static CancellationToken Canceled => TestContext.Current.CancellationToken;

    private static string RawHeader(ApiResponse response, string name) =>
        string.Join("", response.Headers.NonValidated.Concat(response.ContentHeaders.NonValidated).Where(header => header.Key == name).Select(header => $"{header.Value}"));

    private static string? Text(XDocument response, string name) => response.Descendants().FirstOrDefault(one => one.Name.LocalName == name)?.Value;

    private XDocument ListVersions(string query)
    {
        var client = AwsClient.Create("s3", engines.Settings.Aws.S3Endpoint!, engines.Settings.Aws);
        AwsResponse response = client.Send(new AwsRequest("GET", $"/{engines.Settings.Bucket}") { Query = query }, Canceled);
        Assert.Equal(200, response.Status);
        return XDocument.Parse(Encoding.UTF8.GetString(response.Body));
    }

    private async Task<PhotoId> UploadAsync(UserId? user = null)
    {
        PhotoId id = PhotoId.Create(DateTimeOffset.UtcNow);
        UploadGrant grant = _urls.Upload(user ?? s_alice, id, "image/png", 4);
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
}
