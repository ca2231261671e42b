using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.WritePhoto;

namespace Photos.Tests.Unit.Functions;

public class WritePhotoTests
{
    private readonly RecordingStorage _storage = new()
    {
        Uploaded = new UploadedObject(1234, "image/jpeg"),
        Stored = new StoredPhoto(PhotoState.Listed, Invoke.Photo()),
    };

    [Fact]
    public void AGrantIsForOneObjectOfOneTypeAndSize()
    {
        FunctionResponse response = Grant("""{"name":"beach.jpg","contentType":"image/jpeg","size":1234}""");

        Assert.Equal(201, response.Status);
        string id = response.Json.GetProperty("id").GetString()!;
        JsonElement upload = response.Json.GetProperty("upload");
        Assert.Equal("PUT", upload.GetProperty("method").GetString());
        Assert.Equal(
            """{"Content-Length":"1234","Content-Type":"image/jpeg","If-None-Match":"*"}""",
            upload.GetProperty("headers").GetRawText());
        Assert.Equal("2026-11-23T12:15:00.000Z", upload.GetProperty("expires").GetString());
        string url = upload.GetProperty("url").GetString()!;
        Assert.StartsWith($"https://bucket.s3.eu-central-1.amazonaws.com/private/alice/{id}?", url, StringComparison.Ordinal);
        Assert.Contains(
            "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match&", url, StringComparison.Ordinal);
        Assert.Equal([$"grant alice {id} until 2026-11-30T12:00:00"], _storage.Calls);
        Assert.Equal(new Photo(PhotoId.Parse(id), "beach.jpg", "2026-11-23T12:00:00.000Z", 1234, "image/jpeg"), _storage.Granted);
    }

    [Fact]
    public void AGrantThatCannotBeRecordedIsNotGiven()
    {
        _storage.Failure = new PhotoException(PhotoFault.StorageUnavailable, "The storage is unreachable.");

        Grant("""{"name":"beach.jpg","contentType":"image/jpeg","size":1234}""")
            .AssertError(503, "ServiceUnavailable", "The storage is unreachable.");
    }

    [Theory]
    [InlineData("", 400, "InvalidField", "body ")]
    [InlineData("{", 400, "InvalidField", "body ")]
    [InlineData("{\"name\":", 400, "InvalidField", "body ")]
    [InlineData("{\"name\":\"a", 400, "InvalidField", "body ")]
    [InlineData("[]", 400, "InvalidField", "body ")]
    [InlineData("null", 400, "InvalidField", "body ")]
    [InlineData("\"a\"", 400, "InvalidField", "body ")]
    [InlineData("""{"contentType":"image/jpeg","size":1}""", 400, "InvalidField", "name ")]
    [InlineData("""{"name":7,"contentType":"image/jpeg","size":1}""", 400, "InvalidField", "name ")]
    [InlineData("""{"name":"a\ud800","contentType":"image/jpeg","size":1}""", 400, "InvalidField", "name ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg","\ud800":1}""", 400, "InvalidField", "body ")]
    [InlineData("""{"name":"a/b","contentType":"image/jpeg","size":1}""", 400, "InvalidField", "name ")]
    [InlineData("""{"name":"a","size":1}""", 400, "InvalidField", "contentType ")]
    [InlineData("""{"name":"a","contentType":{},"size":1}""", 400, "InvalidField", "contentType ")]
    [InlineData("""{"name":"a","contentType":"text/html","size":1}""", 415, "UnsupportedContentType", "contentType ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg"}""", 400, "InvalidField", "size ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg","size":"1"}""", 400, "InvalidField", "size ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg","size":1.5}""", 400, "InvalidField", "size ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg","size":1e400}""", 400, "InvalidField", "size ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg","size":0}""", 400, "InvalidField", "size ")]
    [InlineData("""{"name":"a","contentType":"image/jpeg","size":10001}""", 413, "PhotoTooLarge", "size ")]
    public void AnInvalidGrantRequestNamesTheField(string body, int status, string code, string messageStart) =>
        Grant(body).AssertError(status, code, messageStart);

    [Fact]
    public void ABase64BodyIsDecoded()
    {
        JsonObject proxyEvent = Invoke.Event("POST", "/photos/uploads");
        proxyEvent["body"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"name":"写","contentType":"image/png","size":1}"""));
        proxyEvent["isBase64Encoded"] = true;
        Assert.Equal(201, Invoke.Handle(Handler.Handle, proxyEvent).Status);

        proxyEvent["body"] = "no base64!";
        Invoke.Handle(Handler.Handle, proxyEvent).AssertError(400, "InvalidField", "body ");
    }

    [Theory]
    [InlineData(""","name":"beach.jpg"}""", "beach.jpg")]
    [InlineData(""","name":null}""", "")]
    [InlineData("}", "")]
    public void AWriteListsTheUploadedPhoto(string rest, string name)
    {
        FunctionResponse response = Write($"{{\"id\":\"{Invoke.Id}\"{rest}");

        Assert.Equal(201, response.Status);
        Assert.Equal(["id", "name", "date", "size", "contentType", "url", "status"], response.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal([$"head alice {Invoke.Id}", $"write alice {Invoke.Id} {name} 1234 image/jpeg at 2026-11-23T12:00:00"], _storage.Calls);
    }

    [Fact]
    public void ARepeatedWriteReturnsTheFirstPhoto()
    {
        _storage.IsNew = false;
        _storage.Stored = new StoredPhoto(PhotoState.Listed, Invoke.Photo("first.jpg"));

        FunctionResponse response = Write($$"""{"id":"{{Invoke.Id}}","name":"second.jpg"}""");

        Assert.Equal(200, response.Status);
        Assert.Equal("first.jpg", response.Json.GetProperty("name").GetString());
        Assert.Equal("processing", response.Json.GetProperty("status").GetString());
    }

    /// <summary>After a response that was lost for longer than rendering takes.</summary>
    [Fact]
    public void ARepeatedWriteReturnsThePhotoAsListsHaveIt()
    {
        _storage.IsNew = false;
        _storage.Stored = new StoredPhoto(PhotoState.Listed, Invoke.Photo() with { Status = PhotoStatus.Ready, Picture = new Picture(3, 2, Taken: null) });

        FunctionResponse response = Write($$"""{"id":"{{Invoke.Id}}"}""");

        Assert.Equal(
            ["id", "name", "date", "size", "contentType", "url", "status", "thumbnailUrl", "width", "height"],
            response.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal($"/renditions/alice/{Invoke.Id}/thumbnail", new Uri(response.Json.GetProperty("thumbnailUrl").GetString()!).AbsolutePath);
    }

    [Theory]
    [InlineData(PhotoState.Granted, 409, "PhotoNotUploaded", "There is no object with the granted type and size")]
    [InlineData(PhotoState.Deleted, 410, "PhotoDeleted", "The photo was deleted.")]
    [InlineData(PhotoState.None, 410, "GrantExpired", "There is no grant for this id")]
    [InlineData(PhotoState.Unknown, 410, "GrantExpired", "There is no grant for this id")]
    public void TheStoredStateDecidesWhatAFailedWriteSays(PhotoState state, int status, string code, string messageStart)
    {
        _storage.IsNew = false;
        _storage.Stored = new StoredPhoto(state, Photo: null);

        Write($$"""{"id":"{{Invoke.Id}}"}""").AssertError(status, code, messageStart);
        _storage.Uploaded = null;
        Write($$"""{"id":"{{Invoke.Id}}"}""").AssertError(status, code, messageStart);

        Assert.Equal([$"head alice {Invoke.Id}", $"look alice {Invoke.Id} at 2026-11-23T12:00:00"], _storage.Calls[^2..]);
    }

    [Fact]
    public void AListedPhotoWhoseObjectIsNotSeenIsReturned()
    {
        _storage.Uploaded = null;

        Assert.Equal(200, Write($$"""{"id":"{{Invoke.Id}}"}""").Status);
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "id ")]
    [InlineData("""{"id":1,"name":"a"}""", "id ")]
    [InlineData("""{"id":"x","name":"a"}""", "id ")]
    [InlineData($$"""{"id":"{{Invoke.Id}}","name":""}""", "name ")]
    [InlineData($$"""{"id":"{{Invoke.Id}}","name":7}""", "name ")]
    [InlineData("""{"\ud800":1}""", "body ")]
    [InlineData("not json", "body ")]
    public void AnInvalidWriteRequestNamesTheField(string body, string messageStart)
    {
        Write(body).AssertError(400, "InvalidField", messageStart);
        Assert.Empty(_storage.Calls);
    }

    [Fact]
    public void ARenameReturnsThePhotoAsItNowIs()
    {
        _storage.Stored = new StoredPhoto(PhotoState.Listed, Invoke.Photo("dune.jpg"));

        FunctionResponse response = Rename(Invoke.Id, """{"name":"dune.jpg"}""");

        Assert.Equal(200, response.Status);
        Assert.Equal(["id", "name", "date", "size", "contentType", "url", "status"], response.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("dune.jpg", response.Json.GetProperty("name").GetString());
        Assert.Equal([$"rename alice {Invoke.Id} dune.jpg"], _storage.Calls);
    }

    [Theory]
    [InlineData(PhotoState.None, 404, "PhotoNotFound", "There is no photo with this id in your album.")]
    [InlineData(PhotoState.Granted, 404, "PhotoNotFound", "There is no photo with this id in your album.")]
    [InlineData(PhotoState.Unknown, 404, "PhotoNotFound", "There is no photo with this id in your album.")]
    [InlineData(PhotoState.Deleted, 410, "PhotoDeleted", "The photo was deleted.")]
    public void TheStoredStateDecidesWhatAFailedRenameSays(PhotoState state, int status, string code, string messageStart)
    {
        _storage.Stored = new StoredPhoto(state, Photo: null);

        Rename(Invoke.Id, """{"name":"dune.jpg"}""").AssertError(status, code, messageStart);
    }

    [Theory]
    [InlineData("x", """{"name":"a"}""", "id ")]
    [InlineData(null, """{"name":"a"}""", "id ")]
    [InlineData(Invoke.Id, "{}", "name ")]
    [InlineData(Invoke.Id, """{"name":null}""", "name ")]
    [InlineData(Invoke.Id, """{"name":""}""", "name ")]
    [InlineData(Invoke.Id, """{"name":7}""", "name ")]
    [InlineData(Invoke.Id, """{"name":"a/b"}""", "name ")]
    [InlineData(Invoke.Id, "[]", "body ")]
    [InlineData(Invoke.Id, "not json", "body ")]
    [InlineData(Invoke.Id, "", "body ")]
    public void AnInvalidRenameRequestNamesTheField(string? id, string body, string messageStart)
    {
        Rename(id, body).AssertError(400, "InvalidField", messageStart);
        Assert.Empty(_storage.Calls);
    }

    private WritePhotoHandler Handler =>
        new(_storage.Table, _storage.Bucket, Invoke.Urls, maxPhotoBytes: 10_000, Invoke.Clock);

    private FunctionResponse Grant(string body) => Send(Invoke.Event("POST", "/photos/uploads"), body);

    private FunctionResponse Write(string body) => Send(Invoke.Event("POST", "/photos"), body);

    private FunctionResponse Rename(string? id, string body)
    {
        JsonObject proxyEvent = Invoke.Event("PATCH", "/photos/{id}");
        proxyEvent["pathParameters"] = new JsonObject { ["id"] = id };
        return Send(proxyEvent, body);
    }

    private FunctionResponse Send(JsonObject proxyEvent, string body)
    {
        proxyEvent["body"] = body;
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
