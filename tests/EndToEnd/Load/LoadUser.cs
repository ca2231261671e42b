using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Photos.Album;
using Photos.Api;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>One user among many, who does whatever can be done with an album.</summary>
/// <param name="number">Which; every choice follows from it and the seed.</param>
/// <param name="newest">The newest photo of each user, for the others to ask for.</param>
internal sealed class LoadUser(int number, string name, CheckedAlbum album, ConcurrentDictionary<string, string> newest)
{
    private static readonly int[] s_limits = [1, 2, 3, 5, 10, 49, 50, 100];

    private readonly Random _random = new((LongRun.Seed * 1000) + number);
    private int _granted;
    private int _capacity;

    /// <summary>Does one thing after another until the time is over, then looks at all there is.</summary>
    public async Task RunAsync(CancellationToken timeIsOver)
    {
        _capacity = _random.Next(3, 150);
        await AddAsync();
        while (!timeIsOver.IsCancellationRequested)
        {
            await DoSomethingAsync();
        }

        await CheckAllAsync();
    }

    private async Task DoSomethingAsync()
    {
        switch (_random.Next(100))
        {
            case < 22:
                await (album.Model.Listed.Count() < _capacity ? AddAsync() : ThinOutAsync());
                break;
            case < 34:
                await ListAsync();
                break;
            case < 38:
                await PageThroughAsync();
                break;
            case < 50:
                await album.GetAsync(Any());
                break;
            case < 60:
                ModelPhoto photo = Any();
                await album.TogetherAsync(Change(photo), _random.Next(4) == 0 ? album.Get(photo) : Change(photo));
                break;
            case < 66:
                await album.RunAsync(Write(Any()));
                break;
            case < 74:
                await DeleteTwiceAsync(Any());
                break;
            case < 80:
                await UploadAsync(Any());
                break;
            case < 94:
                await StrangeAsync();
                break;
            default:
                await GrantAsync();
                break;
        }
    }

    /// <summary>Grant, upload, write; or what is missing of it for a photo that was left half-way.</summary>
    private async Task AddAsync()
    {
        ModelPhoto photo = album.Model.Photos.FirstOrDefault(one => one.State is { HasObject: true, Name: null }) ?? await GrantAsync();
        await UploadAsync(photo);
        await (_random.Next(4) == 0 ? album.TogetherAsync(Write(photo), Change(photo)) : album.RunAsync(Write(photo)));
        newest[name] = photo.Id;
    }

    private async Task ThinOutAsync()
    {
        foreach (ModelPhoto photo in album.Model.Listed.Where(_ => _random.Next(10) == 0).ToArray())
        {
            await album.RunAsync(Delete(photo));
        }
    }

    /// <summary>One page, and one of its photos from the bucket.</summary>
    private async Task ListAsync()
    {
        HttpAnswer page = await album.RunAsync(album.List(s_limits[_random.Next(s_limits.Length)]));
        JsonElement[] views = [.. Answers.Photos(page)];
        if (views.Length > 0)
        {
            await album.DownloadAsync(views[_random.Next(views.Length)]);
        }
    }

    /// <summary>Page by page, while the album changes.</summary>
    private async Task PageThroughAsync()
    {
        int count = album.Model.Listed.Count();
        int limit = Math.Min(100, _random.Next(1 + count / 8, 2 + count / 2));
        string? after = null;
        string? next = null;
        do
        {
            Operation list = album.List(limit, after, next);
            HttpAnswer page = _random.Next(3) switch
            {
                0 => await album.TogetherAsync(list, Change(Any())),
                1 => await album.TogetherAsync(Change(Any()), list),
                _ => await album.RunAsync(list),
            };
            (after, next) = End(page);
        }
        while (next is not null);
    }

    /// <summary>A delete, another, and a URL from before.</summary>
    private async Task DeleteTwiceAsync(ModelPhoto photo)
    {
        HttpAnswer before = await album.RunAsync(album.Get(photo));
        await album.RunAsync(Delete(photo));
        foreach (JsonElement view in Answers.Photos(before))
        {
            await album.DownloadAsync(view);
        }

        await album.RunAsync(Delete(photo));
    }

    /// <summary>Asks for what is another user's, or nobody's.</summary>
    private async Task StrangeAsync()
    {
        KeyValuePair<string, string>[] others = [.. newest.Where(one => one.Key != name)];
        (string other, string id) = others.Length > 0 && _random.Next(4) > 0
            ? others[_random.Next(others.Length)]
            : KeyValuePair.Create("nobody", PhotoId.Create(DateTimeOffset.UtcNow).Value);
        ModelPhoto photo = album.Strange(id);
        string next = PageToken.Create(UserId.FromSubject(other), PhotoId.Parse(id));
        await album.RunAsync(_random.Next(4) switch
        {
            0 => album.Get(photo),
            1 => Write(photo),
            2 => Delete(photo),
            _ => album.List(10, next: next) with { Foretell = () => """400 {"code":"InvalidField"}""" },
        });
    }

    private Task<ModelPhoto> GrantAsync()
    {
        // The first bytes tell whose photo it is, and which.
        byte[] bytes = new byte[_random.Next(8, 4096)];
        _random.NextBytes(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), ++_granted);
        return album.GrantAsync(bytes, PhotoRules.ContentTypes[_random.Next(PhotoRules.ContentTypes.Length)]);
    }

    private async Task CheckAllAsync()
    {
        string? after = null;
        string? next = null;
        do
        {
            HttpAnswer page = await album.RunAsync(album.List(100, after, next));
            foreach (JsonElement view in Answers.Photos(page))
            {
                await album.DownloadAsync(view);
            }

            (after, next) = End(page);
        }
        while (next is not null);
    }

    private async Task UploadAsync(ModelPhoto photo)
    {
        if (photo.CanUpload)
        {
            await album.RunAsync(CheckedAlbum.Upload(photo));
        }
    }

    private ModelPhoto Any() => album.Model.Photos.ElementAt(_random.Next(album.Model.Photos.Count));

    private Operation Change(ModelPhoto photo) => _random.Next(4) switch
    {
        0 when photo.CanUpload => CheckedAlbum.Upload(photo),
        1 => Write(photo),
        _ => Delete(photo),
    };

    private Operation Write(ModelPhoto photo) =>
        album.Write(photo, string.Create(CultureInfo.InvariantCulture, $"{name}'s \"é\" no. {_random.Next()}.jpg"));

    private Operation Delete(ModelPhoto photo) => album.Delete(photo, _random.Next(2) == 0 ? "/photos/" : "/photos?id=");

    /// <returns>The last photo of a page, and the token of the next page where there is one.</returns>
    private static (string? Last, string? Next) End(HttpAnswer page) => (
        Answers.Photos(page).Select(view => view.GetProperty("id").GetString()).LastOrDefault(),
        page.Json.TryGetProperty("next", out JsonElement next) ? next.GetString() : null);
}
