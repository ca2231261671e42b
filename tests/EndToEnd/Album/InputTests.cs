using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Photos.Tests.Local;
using Photos.Tests.Template.OpenApi;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>Invalid input gets a 4xx response that names the field: never a 5xx, a crash or a stack trace.</summary>
[Collection<LocalHostTests>]
public class InputTests(SharedLocalHost shared)
{
    private readonly LocalHost _host = shared.Host;
    private readonly AlbumClient _alice = shared.Host.SignIn("input-alice");

    [Theory]
    [InlineData("/photos/uploads", "", "body ")]
    [InlineData("/photos/uploads", "{\"name\":", "body ")]
    [InlineData("/photos/uploads", "[1]", "body ")]
    [InlineData("/photos/uploads", "{}", "name ")]
    [InlineData("/photos/uploads", """{"name":"a\u0000","contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a\ud800","contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a","contentType":5,"size":1}""", "contentType ")]
    [InlineData("/photos/uploads", """{"name":"a","contentType":"image/png","size":"1"}""", "size ")]
    [InlineData("/photos/uploads", """{"name":"a","contentType":"image/png","size":-1}""", "size ")]
    [InlineData("/photos/uploads", "{'name':1}", "body ")]
    [InlineData("/photos/uploads", """{"contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a/b","contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a\\b","contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a\u0085","contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a","contentType":"image/png","size":0}""", "size ")]
    [InlineData("/photos/uploads", """{"name":"a","contentType":"image/png","size":9223372036854775808}""", "size ")]
    [InlineData("/photos/uploads", """{"name":9223372036854775808,"contentType":"image/png","size":1}""", "name ")]
    [InlineData("/photos/uploads", """{"name":"a","contentType":99999999999999999999,"size":1}""", "contentType ")]
    [InlineData("/photos/deletions", "", "body ")]
    [InlineData("/photos/deletions", "[]", "body ")]
    [InlineData("/photos/deletions", "{}", "ids is missing.")]
    [InlineData("/photos/deletions", """{"ids":[]}""", "ids is empty.")]
    [InlineData("/photos/deletions", """{"ids":"a"}""", "ids has the wrong JSON type.")]
    [InlineData("/photos/deletions", $$"""{"ids":["{{Invoke.Id}}","../bob/x"]}""", "ids[1] must be a UUIDv7")]
    [InlineData("/photos/deletions", $$"""{"ids":["{{Invoke.Id}}",7]}""", "ids[1] has the wrong JSON type.")]
    [InlineData("/photos", """{"id":18446744073709551616}""", "id ")]
    [InlineData("/photos", "nonsense", "body ")]
    [InlineData("/photos", """{"name":"a"}""", "id ")]
    [InlineData("/photos", """{"id":"../bob/x","name":"a"}""", "id ")]
    [InlineData("/photos", $$"""{"id":"{{Invoke.Id}}","name":""}""", "name ")]
    [InlineData("/photos", $$"""{"id":"{{Invoke.Id}}","name":1}""", "name ")]
    public async Task AnInvalidBodyIs400AndTheMessageNamesTheField(string path, string body, string messageStart)
    {
        (await _alice.SendAsync("POST", path, body)).AssertError(400, "InvalidField", messageStart);

        // curl's default content type.
        (await _alice.SendAsync("POST", path, body, contentType: "application/x-www-form-urlencoded")).AssertError(400, "InvalidField", messageStart);
    }

    [Theory]
    [InlineData(Invoke.Id, "", "body ")]
    [InlineData(Invoke.Id, "nonsense", "body ")]
    [InlineData(Invoke.Id, "{}", "name ")]
    [InlineData(Invoke.Id, """{"name":null}""", "name ")]
    [InlineData(Invoke.Id, """{"name":""}""", "name ")]
    [InlineData(Invoke.Id, """{"name":1}""", "name ")]
    [InlineData(Invoke.Id, """{"name":"a\ud800"}""", "name ")]
    [InlineData("1", """{"name":"a"}""", "id ")]
    [InlineData("%2e%2e%2fbob", """{"name":"a"}""", "id ")]
    public async Task AnInvalidRenameIs400AndTheMessageNamesTheField(string id, string body, string messageStart) =>
        (await _alice.SendAsync("PATCH", $"/photos/{id}", body)).AssertError(400, "InvalidField", messageStart);

    /// <summary>One limit in one unit: Unicode code points, which JSON Schema counts too.</summary>
    [Theory]
    [InlineData("a", 255, true)]
    [InlineData("a", 256, false)]
    [InlineData("\ud83d\ude00", 128, true)]
    [InlineData("\ud83d\ude00", 255, true)]
    [InlineData("\ud83d\ude00", 256, false)]
    [InlineData("a/b", 1, false)]
    [InlineData("a\\b", 1, false)]
    [InlineData("a\u0085", 1, false)]
    [InlineData("a\u202egpj.exe", 1, false)]
    [InlineData("a\u2066b", 1, false)]
    [InlineData("a\u200fb", 1, true)]
    public async Task NamesAreTakenAsTheDescriptionSays(string part, int times, bool isTaken)
    {
        string name = string.Concat(Enumerable.Repeat(part, times));
        ApiResponse response = await _alice.GrantAsync(1, name);
        ApiResponse renamed = await _alice.RenameAsync(Invoke.Id, name);

        Assert.Equal(isTaken, ApiDescription.Accepts("PhotoName", JsonSerializer.SerializeToElement(name)));
        Assert.Equal(isTaken, ApiDescription.Accepts("WriteRequest", JsonSerializer.SerializeToElement(new { id = Invoke.Id, name })));
        Assert.Equal(isTaken, ApiDescription.Accepts("RenameRequest", JsonSerializer.SerializeToElement(new { name })));
        if (isTaken)
        {
            renamed.AssertError(404, "PhotoNotFound", "There is no photo");
            Assert.Equal(201, response.Status);
            (await _alice.WriteAsync(response.Json.GetProperty("id").GetString()!, name)).AssertError(409, "PhotoNotUploaded", "There is no object");
        }
        else
        {
            string messageStart = times > 1 ? "name is longer than 255 characters. Send 1 to 255 characters" : "name has a ";
            response.AssertError(400, "InvalidField", messageStart);
            renamed.AssertError(400, "InvalidField", messageStart);
        }
    }

    [Fact]
    public async Task NullAsANameCountsAsAbsent()
    {
        ApiResponse grant = await _alice.GrantAsync(AlbumClient.SmallJpeg.Length, "granted.jpg");
        Assert.Equal(200, (await AlbumClient.PutAsync(grant.Json.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);

        ApiResponse written = await _alice.SendAsync("POST", "/photos", $$"""{"id":{{grant.Json.GetProperty("id").GetRawText()}},"name":null}""");

        Assert.Equal(201, written.Status);
        Assert.Equal("granted.jpg", written.Json.GetProperty("name").GetString());
    }

    [Fact]
    public async Task UnsupportedTypesAndSizesHaveTheirOwnStatuses()
    {
        (await _alice.GrantAsync(1, contentType: "text/html")).AssertError(415, "UnsupportedContentType", "contentType ");
        (await _alice.GrantAsync(26_214_401)).AssertError(413, "PhotoTooLarge", "size ");
        Assert.Equal(201, (await _alice.GrantAsync(26_214_400)).Status);
    }

    [Theory]
    [InlineData("GET", "/photos?limit=0", "limit ")]
    [InlineData("GET", "/photos?limit=1000", "limit ")]
    [InlineData("GET", "/photos?limit=5&limit=x", "limit ")]
    [InlineData("GET", "/photos?next=AAAA", "next ")]
    [InlineData("GET", "/photos?next=%00", "next ")]
    [InlineData("GET", "/photos?order=oldest", "order ")]
    [InlineData("GET", "/photos?from=yesterday", "from ")]
    [InlineData("GET", "/photos?from=2024-05-01T00:00:00+02:00", "from ")]
    [InlineData("GET", "/photos?order=taken&to=2024-13-01", "to ")]
    [InlineData("GET", "/photos?from=2024-05-02&to=2024-05-01", "to ")]
    [InlineData("GET", "/photos/1", "id ")]
    [InlineData("GET", "/photos/%2e%2e%2fbob", "id ")]
    [InlineData("GET", "/photos/%ff%fe", "id ")]
    [InlineData("DELETE", "/photos", "id ")]
    [InlineData("DELETE", "/photos?id=", "id ")]
    [InlineData("DELETE", "/photos?id=1", "id ")]
    [InlineData("DELETE", "/photos/null", "id ")]
    public async Task AnInvalidParameterIs400AndTheMessageNamesIt(string method, string path, string messageStart) =>
        (await _alice.SendAsync(method, path)).AssertError(400, "InvalidField", messageStart);

    [Fact]
    public async Task TheMostIdsOfADeletionAreThoseInTheApiDescription()
    {
        int maximum = ApiDescription.Document["components"]!["schemas"]!["DeletionRequest"]!["properties"]!["ids"]!["maxItems"]!.GetValue<int>();
        string[] ids = [.. Enumerable.Range(0, maximum + 1).Select(number => $"0190a3c2-5f1e-7c4b-9d3a-{number:x12}")];

        Assert.Equal(200, (await _alice.DeleteManyAsync(ids[..maximum])).Status);
        (await _alice.DeleteManyAsync(ids)).AssertError(400, "InvalidField", "ids has more than ");
        (await _alice.DeleteManyAsync([.. Enumerable.Repeat(ids[0], maximum + 1)])).AssertError(400, "InvalidField", "ids has more than ");
    }

    [Fact]
    public async Task TheLargestLimitIsTheOneInTheApiDescription()
    {
        int maximum = ApiDescription.Document["paths"]!["/photos"]!["get"]!["parameters"]![0]!["schema"]!["maximum"]!.GetValue<int>();

        Assert.Equal(200, (await _alice.SendAsync("GET", $"/photos?limit={maximum}")).Status);
        (await _alice.SendAsync("GET", $"/photos?limit={maximum + 1}")).AssertError(400, "InvalidField", "limit ");
    }

    [Fact]
    public async Task ATamperedPageTokenIsRefused()
    {
        AlbumClient user = _host.SignIn("tamper-alice");
        await user.AddPhotoAsync("1.jpg");
        await user.AddPhotoAsync("2.jpg");
        string token = (await user.SendAsync("GET", "/photos?limit=1")).Json.GetProperty("next").GetString()!;
        Assert.Equal(200, (await user.SendAsync("GET", $"/photos?next={token}")).Status);

        string tampered = token[..5] + (token[5] == 'A' ? 'B' : 'A') + token[6..];

        (await user.SendAsync("GET", $"/photos?next={tampered}")).AssertError(400, "InvalidField", "next ");
        (await user.SendAsync("GET", $"/photos?next={token[..^1]}")).AssertError(400, "InvalidField", "next ");
    }

    [Theory]
    [InlineData("POST", "/")]
    [InlineData("GET", "/local/nothing")]
    [InlineData("GET", "/photo")]
    [InlineData("PUT", "/photos")]
    [InlineData("PUT", "/photos/1")]
    [InlineData("GET", "/album")]
    [InlineData("DELETE", "/album/1")]
    [InlineData("GET", "/photos/1/2")]
    [InlineData("BREW", "/photos")]
    public async Task UnknownRoutesAre403(string method, string path) =>
        (await _alice.SendAsync(method, path)).AssertGatewayError(403, "Missing Authentication Token");

    [Theory]
    [InlineData("/photos")]
    [InlineData("/photos/uploads")]
    [InlineData("/photos/deletions")]
    [InlineData("/photos/1")]
    [InlineData("/album")]
    public async Task APreflightDoesNotNeedAToken(string path)
    {
        ApiResponse response = await new AlbumClient(_host.Address, token: null).SendAsync("OPTIONS", path);

        Assert.Equal(200, response.Status);
        Assert.Equal("*", response.Header("Access-Control-Allow-Origin"));
        Assert.Contains("DELETE", response.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("Authorization", response.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMissingOrInvalidTokenIs401()
    {
        using var forged = new ForgedTokens(_host.IssuerPem);
        var client = new AlbumClient(_host.Address, token: null);

        (await client.SendAsync("GET", "/photos")).AssertGatewayError(401, "Unauthorized");
        (await client.SendAsync("GET", "/photos", authorization: "nonsense")).AssertGatewayError(401, "Unauthorized");
        (await client.SendAsync("GET", "/photos", authorization: _host.Token("input-alice", TimeSpan.FromSeconds(-5))))
            .AssertGatewayError(401, "The incoming token has expired");
        await Assert.AllAsync(forged.All(), async forgery =>
            (await client.SendAsync("GET", "/photos", authorization: forgery.Token)).AssertGatewayError(401, "Unauthorized"));
        Assert.Equal(200, (await client.SendAsync("GET", "/photos", authorization: forged.With())).Status);
        Assert.Equal(200, (await client.SendAsync("GET", "/photos", authorization: $"Bearer {forged.With()}")).Status);
    }

    /// <summary>The header is larger than the gateway's limit.</summary>
    [Fact]
    public async Task ATokenOfAHundredKilobytesIs431() =>
        Assert.Equal(431, (await new AlbumClient(_host.Address, new string('a', 100 * 1024)).SendAsync("GET", "/photos")).Status);

    [Fact]
    public async Task ASubjectThatIsNotAUserIdIsRefusedByTheFunction() =>
        (await _host.SignIn("../bob").SendAsync("GET", "/photos")).AssertError(401, "Unauthorized", "The request has no user.");

    [Theory]
    [InlineData("GET /photos/%zz HTTP/1.1\r\n")]
    [InlineData("GET /photos?limit=%zz HTTP/1.1\r\n")]
    [InlineData("GET /photos?next=%ff%fe HTTP/1.1\r\n")]
    [InlineData("GET http://127.0.0.1/photos/x HTTP/1.1\r\n")]
    [InlineData("POST /photos HTTP/1.1\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("POST /photos HTTP/1.1\r\nContent-Length: -1\r\n")]
    [InlineData("POST /photos/uploads HTTP/1.1\r\nContent-Length: 2\r\nContent-Encoding: gzip\r\n")]
    [InlineData("GET /photos HTTP/1.1\r\nAuthorization: nonsense\r\n")]
    [InlineData("GET /photos HTTP/1.1\r\nX-Twice: 1\r\nX-Twice: 2\r\nExpect: 100-continue\r\nlimit: 0\r\nHost: other\r\n")]
    public async Task OddRequestsGetA4xx(string head)
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        using var socket = new TcpClient();
        await socket.ConnectAsync(_host.Address.Host, _host.Address.Port, cancelled);
        NetworkStream stream = socket.GetStream();
        string authorization = $"Host: photos\r\nAuthorization: {_host.Token("input-alice", TimeSpan.FromHours(1))}\r\nConnection: close\r\n\r\n";
        string body = head.Contains("chunked", StringComparison.Ordinal) ? "2\r\n{}\r\n0\r\n\r\n" : "{}";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head + authorization + body), cancelled);
        using var reader = new StreamReader(stream);

        string status = await reader.ReadLineAsync(cancelled).AsTask().WaitAsync(TimeSpan.FromSeconds(20), cancelled) ?? "";

        Assert.Matches("^HTTP/1.1 4[0-9][0-9] ", status);
    }

    [Fact]
    public async Task GeneratedBodiesNeverBreakAnything()
    {
        var random = new Random(20261123);
        string[] values = ["null", "true", "0", "-1", "1e999", "\"\"", "\"IMAGE/PNG\"", "\"\\ud83d\\ude00\"", "7", "\"\\ud800\"", "\"a\\u0000\"", "[]", "{}", "[[[[]]]]", $"\"{Invoke.Id}\"", $"\"{new string('x', 10_000)}\""];
        string[] fields = ["id", "name", "contentType", "size", "__proto__", "$type", ""];
        (string Name, string Value)[] valid = [("name", "\"a\""), ("contentType", "\"image/png\""), ("size", "7")];
        int accepted = 0;
        for (int i = 0; i < 300; i++)
        {
            // Half of them are a valid grant request in which a field or two may be changed.
            IEnumerable<string> members = random.Next(2) == 0
                ? valid.Select(field => $"\"{field.Name}\":{(random.Next(3) == 0 ? values[random.Next(values.Length)] : field.Value)}")
                : Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{fields[random.Next(fields.Length)]}\":{values[random.Next(values.Length)]}");
            string body = "{" + string.Join(',', members) + (random.Next(10) == 0 ? "" : "}");
            string path = random.Next(4) == 0 ? "/photos" : "/photos/uploads";

            ApiResponse response = await _alice.SendAsync("POST", path, body);

            Assert.True(response.Status is 201 or >= 400 and < 500, $"{response.Status} for {body}");
            Assert.DoesNotContain("   at ", response.Text, StringComparison.Ordinal);
            accepted += response.Status == 201 ? 1 : 0;
        }

        Assert.True(accepted > 0, "No generated body was valid, so the test does not show that valid bodies are accepted.");
    }
}
