using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.Api;
using Photos.ListPhotos;

namespace Photos.Tests.Unit.Functions;

public class ListPhotosTests
{
    private readonly RecordingStorage _storage = new();

    [Fact]
    public void ListsThePhotosWithFreshUrls()
    {
        _storage.Page = new([Invoke.Photo("a \"b\".jpg")], Next: null);

        FunctionResponse response = Get(query: null);

        Assert.Equal(200, response.Status);
        Assert.Equal(["list alice 50 "], _storage.Calls);
        Assert.StartsWith(
            $$"""{"id":"alice","photos":[{"id":"{{Invoke.Id}}","name":"a \"b\".jpg","date":"2026-11-23T12:00:00.000Z","size":1234,"contentType":"image/jpeg","url":"https://bucket.s3.eu-central-1.amazonaws.com/private/alice/{{Invoke.Id}}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-""",
            response.Body,
            StringComparison.Ordinal);
        Assert.Contains("X-Amz-Expires=1800", response.Body, StringComparison.Ordinal);
        Assert.EndsWith("\",\"status\":\"processing\"}]}", response.Body, StringComparison.Ordinal);
        Assert.Equal("no-store", response.Headers["Cache-Control"]);
    }

    [Fact]
    public void AnEmptyAlbumIsAnEmptyList() => Assert.Equal("""{"id":"alice","photos":[]}""", Get(query: null).Body);

    [Fact]
    public void TheTokenOfAPageReturnsTheNextPage()
    {
        _storage.Page = new([Invoke.Photo()], new(PhotoId.Parse(Invoke.Id), TakenUtc: null));
        string next = Get(new() { ["limit"] = "1" }).Json.GetProperty("next").GetString()!;

        Get(new() { ["limit"] = "100", ["next"] = next });

        Assert.Equal(["list alice 1 ", $"list alice 100 {Invoke.Id}"], _storage.Calls);
    }

    [Theory]
    [InlineData("limit", "0")]
    [InlineData("limit", "101")]
    [InlineData("limit", "-1")]
    [InlineData("limit", "1.5")]
    [InlineData("limit", " 1")]
    [InlineData("limit", "99999999999999999999")]
    [InlineData("next", "AAAA")]
    [InlineData("order", "Taken")]
    [InlineData("order", "oldest")]
    [InlineData("from", "today")]
    [InlineData("from", "2024")]
    [InlineData("from", "2024-02-30")]
    [InlineData("from", "2024-05-01 12:00:00Z")]
    [InlineData("from", "2024-05-01T12:00:00")]
    [InlineData("from", "2024-05-01T12:00:00 02:00")]
    [InlineData("from", "2024-05-01T24:00:00Z")]
    [InlineData("from", "2024-05-01T12:00:00+15:00")]
    [InlineData("from", " 2024-05-01")]
    [InlineData("from", "1714521600")]
    [InlineData("to", "0001-01-01T00:00:00+14:00")]
    [InlineData("to", "10000-01-01")]
    public void InvalidParametersAreNamed(string name, string value)
    {
        Get(new() { [name] = value }).AssertError(400, "InvalidField", name + " ");
        Assert.Empty(_storage.Calls);
    }

    [Theory]
    [InlineData("taken", null, null, " Taken from  to ")]
    [InlineData("uploaded", null, null, "")]
    [InlineData("uploaded", "2024-05-01", "2024-05-02", " Uploaded from 2024-05-01T00:00:00.0000000+00:00 to 2024-05-02T00:00:00.0000000+00:00")]
    [InlineData(null, "2024-05-01T12:00:00+02:00", null, " Uploaded from 2024-05-01T12:00:00.0000000+02:00 to ")]
    [InlineData(null, null, "2024-05-01t12:00:00.25z", " Uploaded from  to 2024-05-01T12:00:00.2500000+00:00")]
    [InlineData("taken", "0001-01-01", "9999-12-31T23:59:59.9999999Z", " Taken from 0001-01-01T00:00:00.0000000+00:00 to 9999-12-31T23:59:59.9999999+00:00")]
    public void TheOrderAndTheTimesAreThoseOfTheQuery(string? order, string? from, string? to, string expected)
    {
        Get(new() { ["order"] = order, ["from"] = from, ["to"] = to });

        Assert.Equal([$"list alice 50 {expected}"], _storage.Calls);
    }

    [Theory]
    [InlineData("2024-05-01", "2024-05-01")]
    [InlineData("2024-05-01T00:00:00Z", "2024-05-01T01:59:59+02:00")]
    public void ARangeThatEndsBeforeItBeginsIsRefused(string from, string to)
    {
        Get(new() { ["from"] = from, ["to"] = to }).AssertError(400, "InvalidField", "to ");
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void ATokenContinuesTheOrderThatItIsOf()
    {
        _storage.Page = new([Invoke.Photo()], new(PhotoId.Parse(Invoke.Id), "2024-05-01T12:34:56.000Z"));
        string next = Get(new() { ["order"] = "taken" }).Json.GetProperty("next").GetString()!;

        Assert.Equal(200, Get(new() { ["order"] = "taken", ["next"] = next, ["from"] = "2024-05-01" }).Status);
        Get(new() { ["next"] = next }).AssertError(400, "InvalidField", "next ");

        Assert.Equal(
            [
                "list alice 50  Taken from  to ",
                $"list alice 50 {Invoke.Id}2024-05-01T12:34:56.000Z Taken from 2024-05-01T00:00:00.0000000+00:00 to ",
            ],
            _storage.Calls);
    }

    [Fact]
    public void AnotherUsersTokenIsRefused()
    {
        string token = PageToken.Create(UserId.FromSubject("bob"), new(PhotoId.Parse(Invoke.Id), TakenUtc: null));

        Get(new() { ["next"] = token }).AssertError(400, "InvalidField", "next ");
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void GetsOnePhoto()
    {
        _storage.Found = Invoke.Photo();

        FunctionResponse response = GetOne(Invoke.Id.ToUpperInvariant());

        Assert.Equal(200, response.Status);
        Assert.Equal(["id", "name", "date", "size", "contentType", "url", "status", "downloadUrl"], response.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal([$"find alice {Invoke.Id}"], _storage.Calls);
    }

    [Fact]
    public void AReadyPhotoHasItsSizeAndUrlsOfItsRenditions()
    {
        Photo photo = Invoke.Photo("Écluse") with { Status = PhotoStatus.Ready, Picture = new Picture(4032, 3024, "2026-11-22T16:30:05+02:00") };
        _storage.Page = new([photo, photo with { Picture = new Picture(1, 2, Taken: null) }], Next: null);
        _storage.Found = photo;

        JsonElement[] listed = [.. Get(query: null).Json.GetProperty("photos").EnumerateArray()];
        JsonElement one = GetOne(Invoke.Id).Json;

        string[] common = ["id", "name", "date", "size", "contentType", "url", "status", "thumbnailUrl", "width", "height"];
        Assert.Equal([.. common, "taken"], Names(listed[0]));
        Assert.Equal(common, Names(listed[1]));
        Assert.Equal([.. common, "taken", "previewUrl", "downloadUrl"], Names(one));
        Assert.All((JsonElement[])[listed[0], one], view =>
        {
            Assert.Equal("ready", view.GetProperty("status").GetString());
            Assert.Equal((4032, 3024), (view.GetProperty("width").GetInt32(), view.GetProperty("height").GetInt32()));
            Assert.Equal("2026-11-22T16:30:05+02:00", view.GetProperty("taken").GetString());
            Assert.Equal($"/renditions/alice/{Invoke.Id}/thumbnail", PathOf(view, "thumbnailUrl"));
            Assert.Equal($"/private/alice/{Invoke.Id}", PathOf(view, "url"));
        });
        Assert.Equal($"/renditions/alice/{Invoke.Id}/preview", PathOf(one, "previewUrl"));
        Assert.Equal($"/private/alice/{Invoke.Id}", PathOf(one, "downloadUrl"));
        Assert.Contains(
            "&response-content-disposition=attachment%3B%20filename%3D%22_cluse.jpg%22%3B%20filename%2A%3DUTF-8%27%27%25C3%2589cluse.jpg&X-Amz-Signature=",
            one.GetProperty("downloadUrl").GetString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnsupportedPhotoCanBeDownloaded()
    {
        _storage.Found = Invoke.Photo() with { Status = PhotoStatus.Unsupported };

        JsonElement photo = GetOne(Invoke.Id).Json;

        Assert.Equal(["id", "name", "date", "size", "contentType", "url", "status", "downloadUrl"], Names(photo));
        Assert.Equal("unsupported", photo.GetProperty("status").GetString());
    }

    [Fact]
    public void AnUnknownPhotoIs404() => GetOne(Invoke.Id).AssertError(404, "PhotoNotFound", "There is no photo");

    [Fact]
    public void AnInvalidIdIsRefused()
    {
        GetOne("..%2f..").AssertError(400, "InvalidField", "id ");
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void WithoutAUserNothingIsRead()
    {
        JsonObject proxyEvent = Invoke.Event("GET", "/photos");
        proxyEvent["requestContext"]!["authorizer"] = null;

        Invoke.Handle(Handler.Handle, proxyEvent).AssertError(401, "Unauthorized", "The request has no user.");
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void UnavailableStorageIs503()
    {
        _storage.Failure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.", new IOException("secret"));

        FunctionResponse response = Get(query: null);

        response.AssertError(503, "ServiceUnavailable", "The storage is unreachable.");
        Assert.Equal("1", response.Headers["Retry-After"]);
        Assert.Contains("secret", response.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void AnyOtherErrorIs500WithoutDetails()
    {
        _storage.Failure = new InvalidOperationException("secret");

        FunctionResponse response = Get(query: null);

        response.AssertError(500, "InternalError", "An internal error occurred.");
        Assert.DoesNotContain("secret", response.Body, StringComparison.Ordinal);
        Assert.Contains("secret", response.Log, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(JsonElement photo) => photo.EnumerateObject().Select(member => member.Name);

    private static string PathOf(JsonElement photo, string name) => new Uri(photo.GetProperty(name).GetString()!).AbsolutePath;

    private ListPhotosHandler Handler => new(_storage.Table, Invoke.Urls);

    private FunctionResponse Get(JsonObject? query)
    {
        JsonObject proxyEvent = Invoke.Event("GET", "/photos");
        proxyEvent["queryStringParameters"] = query;
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }

    private FunctionResponse GetOne(string id)
    {
        JsonObject proxyEvent = Invoke.Event("GET", "/photos/{id}");
        proxyEvent["pathParameters"] = new JsonObject { ["id"] = id };
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
