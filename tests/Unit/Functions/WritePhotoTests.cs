using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.WritePhoto;

namespace Photos.Tests.Unit.Functions;

public class WritePhotoTests
{
    private readonly RecordingStorage _storage = new() { Uploaded = new UploadedObject(1234, "image/jpeg") };

    [Fact]
    public void AGrantIsForOneObjectOfOneTypeAndSize()
    {
        FunctionResponse response = Grant("""{"name":"beach.jpg","contentType":"image/jpeg","size":1234}""");

        Assert.Equal(201, response.Status);
        string id = response.Json.GetProperty("id").GetString()!;
        JsonElement upload = response.Json.GetProperty("upload");
        Assert.Equal("PUT", upload.GetProperty("method").GetString());
        Assert.Equal(
            """{"Content-Length":"1234","Content-Type":"image/jpeg","If-None-Match":"*","x-amz-tagging":"photos-upload=unfinished"}""",
            upload.GetProperty("headers").GetRawText());
        Assert.Equal("2026-11-23T12:15:00.000Z", upload.GetProperty("expires").GetString());
        string url = upload.GetProperty("url").GetString()!;
        Assert.StartsWith($"https://bucket.s3.eu-central-1.amazonaws.com/private/alice/{id}?", url, StringComparison.Ordinal);
        Assert.Contains(
            "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match%3Bx-amz-tagging", url, StringComparison.Ordinal);
        Assert.Empty(_storage.Calls);
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

    [Fact]
    public void AWriteKeepsTheObjectBeforeItAddsTheMetadata()
    {
        FunctionResponse response = Write($$"""{"id":"{{Invoke.Id}}","name":"beach.jpg"}""");

        Assert.Equal(201, response.Status);
        Assert.Equal(["id", "name", "date", "size", "contentType", "url"], response.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal([$"head alice {Invoke.Id}", $"keep alice {Invoke.Id}", $"add alice {Invoke.Id}", $"head alice {Invoke.Id}"], _storage.Calls);
        Assert.Equal(Invoke.Photo(), _storage.Added);
    }

    [Fact]
    public void ARepeatedWriteReturnsTheFirstPhoto()
    {
        _storage.AddResult = false;
        _storage.Found = Invoke.Photo("first.jpg");

        FunctionResponse response = Write($$"""{"id":"{{Invoke.Id}}","name":"second.jpg"}""");

        Assert.Equal(200, response.Status);
        Assert.Equal("first.jpg", response.Json.GetProperty("name").GetString());
    }

    [Fact]
    public void AMissingObjectIs409AndAddsNothing()
    {
        _storage.Uploaded = null;

        Write($$"""{"id":"{{Invoke.Id}}","name":"a"}""").AssertError(409, "PhotoNotUploaded", "There is no uploaded object");
        Assert.Equal([$"head alice {Invoke.Id}"], _storage.Calls);
    }

    [Fact]
    public void ADeleteDuringTheWriteIs409AndAddsNothing()
    {
        _storage.KeepResult = false;

        Write($$"""{"id":"{{Invoke.Id}}","name":"a"}""").AssertError(409, "PhotoNotUploaded", "There is no uploaded object");
        Assert.Null(_storage.Added);
    }

    [Fact]
    public void ADeleteBeforeTheMetadataWasAddedRemovesItToo()
    {
        _storage.IsDeletedMeanwhile = true;

        Write($$"""{"id":"{{Invoke.Id}}","name":"a"}""").AssertError(409, "PhotoNotUploaded", "There is no uploaded object");
        Assert.Equal([$"add alice {Invoke.Id}", $"head alice {Invoke.Id}", $"delete alice {Invoke.Id}"], _storage.Calls[^3..]);
    }

    [Theory]
    [InlineData(0, "image/jpeg", 400, "InvalidField", "size ")]
    [InlineData(10001, "image/jpeg", 413, "PhotoTooLarge", "size ")]
    [InlineData(1, "text/html", 415, "UnsupportedContentType", "contentType ")]
    public void AnObjectThatIsNotAPhotoIsRefused(long size, string type, int status, string code, string messageStart)
    {
        _storage.Uploaded = new UploadedObject(size, type);

        Write($$"""{"id":"{{Invoke.Id}}","name":"a"}""").AssertError(status, code, messageStart);
        Assert.Equal([$"head alice {Invoke.Id}"], _storage.Calls);
    }

    [Theory]
    [InlineData("""{"name":"a"}""", "id ")]
    [InlineData("""{"id":1,"name":"a"}""", "id ")]
    [InlineData("""{"id":"x","name":"a"}""", "id ")]
    [InlineData($$"""{"id":"{{Invoke.Id}}"}""", "name ")]
    [InlineData("""{"\ud800":1}""", "body ")]
    [InlineData("not json", "body ")]
    public void AnInvalidWriteRequestNamesTheField(string body, string messageStart)
    {
        Write(body).AssertError(400, "InvalidField", messageStart);
        Assert.Empty(_storage.Calls);
    }

    private WritePhotoHandler Handler =>
        new(_storage.Table, _storage.Bucket, Invoke.Urls, maxPhotoBytes: 10_000, Invoke.Clock);

    private FunctionResponse Grant(string body) => Post("/photos/uploads", body);

    private FunctionResponse Write(string body) => Post("/photos", body);

    private FunctionResponse Post(string resource, string body)
    {
        JsonObject proxyEvent = Invoke.Event("POST", resource);
        proxyEvent["body"] = body;
        return Invoke.Handle(Handler.Handle, proxyEvent);
    }
}
