using System.Globalization;
using System.Web;
using Photos.Album;
using Photos.Aws;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.Unit.Album;

public class PhotoUrlsTests
{
    private static readonly UserId s_alice = UserId.FromSubject("alice");
    private static readonly PhotoId s_id = PhotoId.Parse(Invoke.Id);

    private readonly SetClock _clock = new();

    /// <summary>A client that sees the same URL again finds the picture in its cache.</summary>
    [Fact]
    public void AUrlIsTheSameInItsWindowAndChangesWithIt()
    {
        PhotoUrls urls = Urls(Invoke.Settings);
        string[] first = Downloads(urls, "12:00:00.000");

        Assert.Equal(first, Downloads(urls, "12:00:00.001"));
        Assert.Equal(first, Downloads(urls, "12:14:59.999"));
        Assert.Equal(first, Downloads(Urls(Invoke.Settings), "12:07:11.123"));
        Assert.Empty(first.Intersect(Downloads(urls, "12:15:00.000")));
        Assert.Equal(first, Downloads(urls, "12:14:59.999"));
    }

    [Theory]
    [InlineData("12:00:00.000", 30)]
    [InlineData("12:07:30.000", 22.5)]
    [InlineData("12:14:59.999", 15)]
    [InlineData("12:15:00.000", 30)]
    public void AUrlIsValidForAtLeastAnother15Minutes(string time, double minutes) => Assert.All(Downloads(Urls(Invoke.Settings), time), url =>
    {
        TimeSpan rest = Signed(url) + TimeSpan.FromSeconds(double.Parse(Query(url, "X-Amz-Expires"), CultureInfo.InvariantCulture)) - _clock.GetUtcNow();

        Assert.InRange(rest.TotalMinutes, minutes, minutes + 0.001);
    });

    /// <summary>The window is of the services' time, which the process follows.</summary>
    [Fact]
    public void TheWindowFollowsTheServicesClock()
    {
        // A copy made by "with" shares the clock's offset with all other tests.
        var aws = new AwsSettings("eu-west-1", "AKID", "secret", "session", DynamoDbEndpoint: null, S3Endpoint: null, Invoke.Settings.Aws.Trust);
        AlbumSettings settings = Invoke.Settings with { Aws = aws };
        PhotoUrls urls = Urls(settings);
        _clock.Time = DateTimeOffset.UtcNow;

        Assert.True(settings.Aws.Signing.TryFollow(DateTimeOffset.UtcNow.AddHours(3).ToString("r", CultureInfo.InvariantCulture)));

        TimeSpan age = _clock.Time.AddHours(3) - Signed(urls.Original(s_alice, s_id));
        Assert.InRange(age, TimeSpan.FromSeconds(-2), PhotoUrls.Window);
    }

    /// <summary>An upload's URL is used once, so it is signed with the time.</summary>
    [Fact]
    public void AnUploadIsSignedWithTheTime()
    {
        PhotoUrls urls = Urls(Invoke.Settings);
        Downloads(urls, "12:07:08.900");

        UploadGrant grant = urls.Upload(s_alice, s_id, "image/jpeg", 1);

        Assert.Equal(("20261123T120708Z", "900"), (Query(grant.Url, "X-Amz-Date"), Query(grant.Url, "X-Amz-Expires")));
        Assert.Equal("2026-11-23T12:22:08.900Z", grant.Expires);
    }

    [Fact]
    public void EachUrlIsOfItsObject()
    {
        string[] urls = Downloads(Urls(Invoke.Settings), "12:00:00.000");

        Assert.Equal(
            [
                $"/private/alice/{s_id} private, max-age=31536000, immutable|",
                $"/renditions/alice/{s_id}/thumbnail |",
                $"/renditions/alice/{s_id}/preview |",
                $"/private/alice/{s_id} |attachment; filename=\"_.jpg\"; filename*=UTF-8''%C3%89.jpg",
            ],
            urls.Select(url => $"{new Uri(url).AbsolutePath} {Query(url, "response-cache-control")}|{Query(url, "response-content-disposition")}"));
    }

    private PhotoUrls Urls(AlbumSettings settings) => new(settings, _clock);

    private string[] Downloads(PhotoUrls urls, string time)
    {
        _clock.Time = DateTimeOffset.Parse($"2026-11-23T{time}Z", CultureInfo.InvariantCulture);
        return
        [
            urls.Original(s_alice, s_id),
            urls.Rendition(s_alice, s_id, PhotoBucket.Thumbnail),
            urls.Rendition(s_alice, s_id, PhotoBucket.Preview),
            urls.Attachment(s_alice, Invoke.Photo("É.jpg")),
        ];
    }

    private static DateTimeOffset Signed(string url) =>
        DateTimeOffset.ParseExact(Query(url, "X-Amz-Date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string Query(string url, string name) => HttpUtility.ParseQueryString(new Uri(url).Query)[name] ?? "";

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Time { get; set; } = Invoke.Now;

        public override DateTimeOffset GetUtcNow() => Time;
    }
}
