using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Photos.Album;
using Photos.Aws;
using Photos.Net;
using Photos.Tests.Local;

namespace Photos.Tests.EndToEnd.Album;

/// <summary>Mallory, who is also signed in, cannot reach Alice's photos by any route, page token or URL.</summary>
[Collection<LocalHostTests>]
public class IsolationTests(SharedLocalHost shared)
{
    private readonly LocalHost _host = shared.Host;

    /// <summary>Every route of the template. A new route fails until it has a case here.</summary>
    public static MatrixTheoryData<string, bool> Routes { get; } =
        new(TestGateway.Stack.Routes.Select(route => $"{route.Method} {route.Resource}"), [false, true]);

    /// <param name="route">The method and the resource.</param>
    /// <param name="pretends">Whether Mallory claims to be Alice everywhere except in the token.</param>
    [Theory]
    [MemberData(nameof(Routes))]
    public async Task NoRouteReachesAnotherUsersAlbum(string route, bool pretends)
    {
        Victim alice = await Victim.CreateAsync(_host, $"isolated-alice-{Guid.NewGuid()}");
        string name = $"isolated-mallory-{Guid.NewGuid()}";
        AlbumClient mallory = _host.SignIn(name);
        string own = await mallory.AddPhotoAsync("own.jpg");
        string[] ids = [alice.Older, alice.Newer, alice.Uploaded, alice.Granted];

        switch (route)
        {
            case "GET /photos":
                ApiResponse list = await AttackAsync("/photos?");
                Assert.Equal(200, list.Status);
                Assert.Equal(name, list.Json.GetProperty("id").GetString());
                JsonElement listed = Assert.Single(list.Json.GetProperty("photos").EnumerateArray());
                Assert.Equal(own, listed.GetProperty("id").GetString());
                Assert.DoesNotContain(alice.Name, list.Text, StringComparison.Ordinal);
                (await AttackAsync($"/photos?next={alice.Next}")).AssertError(400, "InvalidField", "next ");
                foreach (string order in (string[])["order=taken", "order=taken&from=2000-01-01&to=2100-01-01", "from=2000-01-01&to=2100-01-01"])
                {
                    ApiResponse inOrder = await AttackAsync($"/photos?{order}");
                    Assert.Equal([own], inOrder.Json.GetProperty("photos").EnumerateArray().Select(photo => photo.GetProperty("id").GetString()));
                    Assert.DoesNotContain(alice.Name, inOrder.Text, StringComparison.Ordinal);
                    (await AttackAsync($"/photos?{order}&next={(order.StartsWith("order", StringComparison.Ordinal) ? alice.NextTaken : alice.Next)}"))
                        .AssertError(400, "InvalidField", "next ");
                }

                break;

            case "GET /photos/{id}":
                foreach (string id in ids)
                {
                    (await AttackAsync($"/photos/{id}?")).AssertError(404, "PhotoNotFound", "There is no photo");
                }

                break;

            case "POST /photos/uploads":
                foreach (string id in ids)
                {
                    ApiResponse grant = await AttackAsync("/photos/uploads?", new
                    {
                        name = "a.jpg",
                        contentType = "image/jpeg",
                        size = 4,
                        id,
                        user = alice.Name,
                        sub = alice.Name,
                        key = $"private/{alice.Name}/{id}",
                    });
                    Assert.Equal(201, grant.Status);
                    string granted = grant.Json.GetProperty("id").GetString()!;
                    Assert.DoesNotContain(granted, ids);
                    var url = new Uri(grant.Json.GetProperty("upload").GetProperty("url").GetString()!);
                    Assert.EndsWith($"/private/{name}/{granted}", url.AbsolutePath, StringComparison.Ordinal);
                }

                break;

            case "POST /photos":
                foreach (string id in ids)
                {
                    (await AttackAsync("/photos?", new { id, name = "a.jpg", user = alice.Name, sub = alice.Name, key = $"private/{alice.Name}/{id}" }))
                        .AssertError(410, "GrantExpired", "There is no grant for this id");
                }

                break;

            case "PATCH /photos/{id}":
                foreach (string id in ids)
                {
                    (await AttackAsync($"/photos/{id}?", new { name = "stolen.jpg", id, user = alice.Name, sub = alice.Name }))
                        .AssertError(404, "PhotoNotFound", "There is no photo");
                }

                break;

            case "POST /photos/deletions":
                ApiResponse deletions = await AttackAsync("/photos/deletions?", new { ids, user = alice.Name, sub = alice.Name });
                Assert.Equal(200, deletions.Status);
                Assert.Equal(JsonSerializer.Serialize(new { deleted = Array.Empty<string>(), notFound = ids, retry = Array.Empty<string>() }), deletions.Text);
                (await AttackAsync("/photos/deletions?", new { ids = ids.Select(id => $"../{alice.Name}/{id}") })).AssertError(400, "InvalidField", "ids[0] ");
                break;

            case "DELETE /photos/{id}":
                foreach (string id in ids)
                {
                    (await AttackAsync($"/photos/{id}?")).AssertError(404, "PhotoNotFound", "There is no photo");
                }

                break;

            case "DELETE /photos":
                foreach (string id in ids)
                {
                    (await AttackAsync($"/photos?id={id}")).AssertError(404, "PhotoNotFound", "There is no photo");
                }

                break;

            case "DELETE /album":
                Assert.Equal(204, (await AttackAsync("/album?")).Status);
                Assert.Equal(204, (await AttackAsync($"/album?id={alice.Older}")).Status);
                break;

            default:
                Assert.Fail($"{route} is new. Add a case that tries to reach another user's photos by this route.");
                break;
        }

        await alice.AssertUntouchedAsync();
        Assert.Equal(route == "DELETE /album" ? [] : [own], await mallory.ListAllAsync());

        async Task<ApiResponse> AttackAsync(string path, object? body = null)
        {
            string query = pretends ? $"&sub={alice.Name}&user={alice.Name}&cognito:username={alice.Name}" : "";
            using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), new Uri(_host.Address, path + query));
            request.Headers.TryAddWithoutValidation("Authorization", mallory.Token);
            if (body is not null)
            {
                request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
            }

            if (pretends)
            {
                string token = _host.Token(alice.Name, TimeSpan.FromHours(-1));
                request.Headers.Add("X-User", alice.Name);
                request.Headers.Add("X-Amzn-Oidc-Identity", alice.Name);
                request.Headers.Add("X-Amzn-Oidc-Data", token);
                request.Headers.Add("X-Amz-Security-Token", token);
                request.Headers.Add("Cookie", $"sub={alice.Name}; Authorization={token}; idToken={token}");
                request.Headers.Add("X-Original-URL", $"/photos/{alice.Older}");
                request.Headers.Add("X-HTTP-Method-Override", "DELETE");
            }

            return await AlbumClient.SendAsync(request);
        }
    }

    [Fact]
    public async Task AUrlGivesAccessToOneObject()
    {
        Victim alice = await Victim.CreateAsync(_host, "urls-alice");
        AlbumClient mallory = _host.SignIn("urls-mallory");
        string own = await mallory.AddPhotoAsync("own.jpg");
        string ownUrl = await UrlAsync(mallory, own);
        string hers = await UrlAsync(alice.Client, alice.Older);
        JsonElement ownGrant = (await mallory.GrantAsync(4)).Json;

        string[] rewritten =
        [
            Rewrite(ownUrl, $"urls-mallory/{own}", $"urls-alice/{alice.Older}"),
            Rewrite(ownUrl, $"urls-mallory/{own}", $"urls-mallory/../urls-alice/{alice.Older}"),
            Rewrite(ownUrl, $"urls-mallory/{own}", $"urls-mallory%2F..%2Furls-alice%2F{alice.Older}"),
            Rewrite(hers, alice.Older, alice.Newer),
            Rewrite(hers, "urls-alice", "urls-mallory"),
            .. from rendition in (string[])[PhotoBucket.Thumbnail, PhotoBucket.Preview]
               from url in (string[])
               [
                   Rewrite(ownUrl, $"private/urls-mallory/{own}", $"renditions/urls-alice/{alice.Older}/{rendition}"),
                   Rewrite(hers, $"private/urls-alice/{alice.Older}", $"renditions/urls-alice/{alice.Older}/{rendition}"),
                   Rewrite(Rendition("urls-mallory", own, rendition), $"urls-mallory/{own}", $"urls-alice/{alice.Older}"),
                   Rewrite(Rendition("urls-mallory", own, rendition), $"urls-mallory/{own}", $"urls-mallory/../urls-alice/{alice.Older}"),
                   Rewrite(Rendition("urls-alice", alice.Older, rendition), $"renditions/urls-alice/{alice.Older}/{rendition}", $"private/urls-alice/{alice.Older}"),
                   Rewrite(Rendition("urls-alice", alice.Older, rendition), rendition, rendition == PhotoBucket.Preview ? PhotoBucket.Thumbnail : PhotoBucket.Preview),
               ]
               select url,
        ];
        foreach (string url in rewritten)
        {
            Assert.Equal(403, await StatusAsync(HttpMethod.Get, url));
        }

        // Mallory's grant does not allow an upload to Alice's key, nor hers one to Mallory's.
        Assert.Equal(403, (await AlbumClient.PutAsync(ownGrant.GetProperty("upload"), AlbumClient.SmallJpeg, request => request.RequestUri = new Uri(
            Rewrite(request.RequestUri!.OriginalString, $"urls-mallory/{ownGrant.GetProperty("id")}", $"urls-alice/{alice.Granted}")))).Status);
        Assert.Equal(403, (await AlbumClient.PutAsync(alice.Grant, AlbumClient.SmallJpeg, request => request.RequestUri = new Uri(
            Rewrite(request.RequestUri!.OriginalString, "urls-alice", "urls-mallory")))).Status);
        await alice.AssertUntouchedAsync();

        string Rendition(string user, string id, string rendition) =>
            Urls(hers, TimeProvider.System).Rendition(UserId.FromSubject(user), PhotoId.Parse(id), rendition);
    }

    [Fact]
    public async Task AUrlWorksForOneMethod()
    {
        Victim alice = await Victim.CreateAsync(_host, "methods-alice");
        string get = await UrlAsync(alice.Client, alice.Older);
        string put = alice.Grant.GetProperty("url").GetString()!;

        foreach (HttpMethod other in (HttpMethod[])[HttpMethod.Head, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Post])
        {
            Assert.Equal((other, 403), (other, await StatusAsync(other, get)));
        }

        foreach (HttpMethod other in (HttpMethod[])[HttpMethod.Head, HttpMethod.Get, HttpMethod.Delete, HttpMethod.Post])
        {
            Assert.Equal((other, 403), (other, await StatusAsync(other, put)));
        }

        await alice.AssertUntouchedAsync();
    }

    [Fact]
    public async Task TheBucketRejectsRequestsWithoutASignature()
    {
        Victim alice = await Victim.CreateAsync(_host, "closed-alice");
        string url = await UrlAsync(alice.Client, alice.Older);
        (string path, string signature) = (url.Split('?')[0], url.Split('?')[1]);
        string bucket = path[..path.IndexOf("/private/", StringComparison.Ordinal)];

        string[] requests =
        [
            path,
            bucket,
            $"{bucket}/?list-type=2&prefix=private/",
            $"{bucket}/?{signature}",
            $"{bucket}/?list-type=2&{signature}",
            $"{bucket}/private/closed-alice/?{signature}",
            $"{url}&versions",
            $"{path}?{signature.Replace("X-Amz-Signature=", "X-Amz-Signature=0", StringComparison.Ordinal)}",
            $"{path}?{signature.Replace("S3RVER", "OTHER0", StringComparison.Ordinal)}",
            $"{path}?{signature[..signature.IndexOf("&X-Amz-Signature", StringComparison.Ordinal)]}",
        ];
        foreach (string request in requests)
        {
            ApiResponse response = await SendAsync(HttpMethod.Get, request);
            Assert.True(response.Status is 400 or 403, $"{response.Status} for {request}");
            Assert.DoesNotContain(alice.Newer, response.Text, StringComparison.Ordinal);
        }

        Assert.Equal(403, await StatusAsync(HttpMethod.Put, path));
        Assert.Equal(403, await StatusAsync(HttpMethod.Delete, path));
        await alice.AssertUntouchedAsync();
    }

    [Fact]
    public async Task AUrlExpiresThirtyMinutesAfterTheStartOfItsWindow()
    {
        Victim alice = await Victim.CreateAsync(_host, "ended-alice");
        var photo = PhotoId.Parse(alice.Older);
        string url = await UrlAsync(alice.Client, alice.Older);

        Assert.Equal(200, await StatusAsync(HttpMethod.Get, SignedAgo(TimeSpan.FromMinutes(14.5))));
        Assert.Equal(403, await StatusAsync(HttpMethod.Get, SignedAgo(TimeSpan.FromMinutes(30.5))));
        Assert.Equal(403, await StatusAsync(HttpMethod.Get, Rewrite(url, "X-Amz-Expires=1800", "X-Amz-Expires=9000")));
        Assert.Equal(403, await StatusAsync(HttpMethod.Get, Rewrite(SignedAgo(TimeSpan.FromMinutes(30.5)), "X-Amz-Expires=1800", "X-Amz-Expires=9000")));

        string SignedAgo(TimeSpan age) => Urls(url, new SlowClock(age)).Original(UserId.FromSubject(alice.Name), photo);
    }

    /// <summary>Signs as the host's functions do.</summary>
    /// <param name="url">A URL of the bucket.</param>
    /// <param name="clock">The time of signing.</param>
    private static PhotoUrls Urls(string url, TimeProvider clock)
    {
        var aws = new AwsSettings(
            "us-east-1", "S3RVER", "S3RVER", SessionToken: null, DynamoDbEndpoint: null,
            new Uri(url).ToEndpoint(), new ServerTrust(rootsFile: null));
        return new PhotoUrls(new AlbumSettings("", TestGateway.Stack.Bucket.Name, aws), clock);
    }

    private static async Task<string> UrlAsync(AlbumClient client, string id) =>
        (await client.SendAsync("GET", $"/photos/{id}")).Json.GetProperty("url").GetString()!;

    private static string Rewrite(string url, string part, string other)
    {
        Assert.Contains(part, url, StringComparison.Ordinal);
        return url.Replace(part, other, StringComparison.Ordinal);
    }

    private static async Task<int> StatusAsync(HttpMethod method, string url) => (await SendAsync(method, url)).Status;

    private static async Task<ApiResponse> SendAsync(HttpMethod method, string url)
    {
        // Sent unchanged, because the dots and the escapes are the attack.
        using var request = new HttpRequestMessage(method, new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (method == HttpMethod.Put || method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent([1, 2, 3, 4]);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        }

        return await AlbumClient.SendAsync(request);
    }

    private sealed class SlowClock(TimeSpan behind) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - behind;
    }

    /// <summary>A user with photos and unfinished uploads.</summary>
    private sealed record Victim(AlbumClient Client, string Name, string Older, string Newer, string Next, string NextTaken, string Uploaded, string Granted, JsonElement Grant)
    {
        private static readonly byte[] s_other = [.. AlbumClient.SmallJpeg, 1];

        /// <summary>Creates two photos, an uploaded object that is not written yet, and an unused grant.</summary>
        public static async Task<Victim> CreateAsync(LocalHost host, string name)
        {
            AlbumClient client = host.SignIn(name);
            string older = await client.AddPhotoAsync("older.jpg");
            string newer = await client.AddPhotoAsync("newer.jpg", s_other);
            string next = (await client.SendAsync("GET", "/photos?limit=1")).Json.GetProperty("next").GetString()!;
            string nextTaken = (await client.SendAsync("GET", "/photos?limit=1&order=taken")).Json.GetProperty("next").GetString()!;
            JsonElement uploaded = (await client.GrantAsync(4, "granted.jpg")).Json;
            Assert.Equal(200, (await AlbumClient.PutAsync(uploaded.GetProperty("upload"), AlbumClient.SmallJpeg)).Status);
            JsonElement granted = (await client.GrantAsync(4, "granted.jpg")).Json;
            return new Victim(
                client, name, older, newer, next, nextTaken, uploaded.GetProperty("id").GetString()!, granted.GetProperty("id").GetString()!, granted.GetProperty("upload"));
        }

        /// <summary>Asserts that the photos are unchanged and that the unfinished uploads can be finished.</summary>
        public async Task AssertUntouchedAsync()
        {
            Assert.Equal([Newer, Older], await Client.ListAllAsync());
            Assert.Equal([Newer, Older], await Client.ListAllAsync(query: "&order=taken"));
            await AssertPhotoAsync("older.jpg", AlbumClient.SmallJpeg, (await Client.SendAsync("GET", $"/photos/{Older}")).Json);
            await AssertPhotoAsync("newer.jpg", s_other, (await Client.SendAsync("GET", $"/photos/{Newer}")).Json);
            Assert.Equal(200, (await AlbumClient.PutAsync(Grant, AlbumClient.SmallJpeg)).Status);
            foreach (string id in (string[])[Uploaded, Granted])
            {
                ApiResponse written = await Client.WriteAsync(id, name: null);
                Assert.Equal(201, written.Status);
                await AssertPhotoAsync("granted.jpg", AlbumClient.SmallJpeg, written.Json);
            }
        }

        private static async Task AssertPhotoAsync(string name, byte[] bytes, JsonElement photo)
        {
            Assert.Equal(name, photo.GetProperty("name").GetString());
            Assert.Equal(bytes, await AlbumClient.GetBytesAsync(photo.GetProperty("url").GetString()!));
        }
    }
}
