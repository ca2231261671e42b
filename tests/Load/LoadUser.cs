using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Album.Photos;
using Album.Tests.EndToEnd;

namespace Album.Tests.Load;

/// <summary>One user among many, who does whatever can be done with an album and holds every answer against the model.</summary>
/// <param name="number">Which; every choice follows from it and the seed.</param>
/// <param name="objects">Where the user's objects lie, up to their ids.</param>
/// <param name="newest">The newest photo of each user, for the others to ask for.</param>
internal sealed class LoadUser(
    int number, string name, AlbumClient client, Traffic traffic, string objects, ConcurrentDictionary<string, string> newest)
{
    /// <summary>How many photos a user has that are granted or deleted, but not in the album.</summary>
    private const int MaxUnlisted = 12;

    private static readonly TimeSpan s_clockStep = TimeSpan.FromMilliseconds(1);
    private static readonly int[] s_limits = [1, 2, 3, 5, 10, 49, 50, 100];

    private readonly Random _random = new((LongRun.Seed * 1000) + number);
    private readonly AlbumModel _album = new(name);
    private int _granted;
    private int _capacity;
    private DateTimeOffset _sent;

    /// <summary>How many pairs of calls were made at once for one photo.</summary>
    public int Pairs { get; private set; }

    /// <summary>Does one thing after another until the time is over, then looks at all there is.</summary>
    public async Task RunAsync(CancellationToken timeIsOver)
    {
        _capacity = _random.Next(3, 150);
        await AddAsync();
        while (!timeIsOver.IsCancellationRequested)
        {
            await DoSomethingAsync();
            LongRun.Progress($"{traffic.Total:N0} requests checked");
        }

        await CheckAllAsync();
    }

    private async Task DoSomethingAsync()
    {
        switch (_random.Next(100))
        {
            case < 22:
                await (_album.Listed.Count() < _capacity ? AddAsync() : ThinOutAsync());
                break;
            case < 34:
                await ListAsync();
                break;
            case < 38:
                await PageThroughAsync();
                break;
            case < 50:
                await GetAsync(Any());
                break;
            case < 60:
                ModelPhoto photo = Any();
                await TogetherAsync(Change(photo), _random.Next(4) == 0 ? Get(photo) : Change(photo));
                break;
            case < 66:
                await RunAsync(Write(Any()));
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
        ModelPhoto photo = _album.Photos.FirstOrDefault(one => one.State is { HasObject: true, Name: null }) ?? await GrantAsync();
        await UploadAsync(photo);
        await (_random.Next(4) == 0 ? TogetherAsync(Write(photo), Change(photo)) : RunAsync(Write(photo)));
        newest[name] = photo.Id;
    }

    private async Task ThinOutAsync()
    {
        foreach (ModelPhoto photo in _album.Listed.Where(_ => _random.Next(10) == 0).ToArray())
        {
            await RunAsync(Delete(photo));
        }
    }

    /// <summary>One page, and one of its photos from the bucket.</summary>
    private async Task ListAsync()
    {
        HttpAnswer page = await RunAsync(List(s_limits[_random.Next(s_limits.Length)]));
        JsonElement[] views = [.. Answers.Photos(page)];
        if (views.Length > 0)
        {
            await DownloadAsync(views[_random.Next(views.Length)]);
        }
    }

    /// <summary>Page by page, while the album changes.</summary>
    private async Task PageThroughAsync()
    {
        int count = _album.Listed.Count();
        int limit = Math.Min(100, _random.Next(1 + count / 8, 2 + count / 2));
        string? after = null;
        string? next = null;
        do
        {
            Operation list = List(limit, after, next);
            HttpAnswer page = _random.Next(3) switch
            {
                0 => await TogetherAsync(list, Change(Any())),
                1 => await TogetherAsync(Change(Any()), list),
                _ => await RunAsync(list),
            };
            (after, next) = End(page);
        }
        while (next is not null);
    }

    private async Task GetAsync(ModelPhoto photo)
    {
        HttpAnswer one = await RunAsync(Get(photo));
        foreach (JsonElement view in Answers.Photos(one))
        {
            await DownloadAsync(view);
        }
    }

    /// <summary>A delete, another, and a URL from before.</summary>
    private async Task DeleteTwiceAsync(ModelPhoto photo)
    {
        HttpAnswer before = await RunAsync(Get(photo));
        await RunAsync(Delete(photo));
        foreach (JsonElement view in Answers.Photos(before))
        {
            await DownloadAsync(view);
        }

        await RunAsync(Delete(photo));
    }

    /// <summary>Asks for what is another user's, or nobody's.</summary>
    private async Task StrangeAsync()
    {
        KeyValuePair<string, string>[] others = [.. newest.Where(one => one.Key != name)];
        (string other, string id) = others.Length > 0 && _random.Next(4) > 0
            ? others[_random.Next(others.Length)]
            : KeyValuePair.Create("nobody", PhotoId.Create(DateTimeOffset.UtcNow).Value);
        var photo = new ModelPhoto(id, objects + id, [], "image/jpeg");
        string next = PageToken.Create(UserId.FromSubject(other), PhotoId.Parse(id));
        await RunAsync(_random.Next(4) switch
        {
            0 => Get(photo),
            1 => Write(photo),
            2 => Delete(photo),
            _ => List(10, next: next) with { Foretell = () => """400 {"code":"InvalidField"}""" },
        });
    }

    private async Task<ModelPhoto> GrantAsync()
    {
        byte[] bytes = new byte[_random.Next(8, 4096)];
        _random.NextBytes(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), ++_granted);
        string contentType = PhotoRules.ContentTypes[_random.Next(PhotoRules.ContentTypes.Length)];
        HttpAnswer answer = await traffic.SendAsync(Call.Grant, () => client.GrantAsync(bytes.Length, "a", contentType));
        string id = answer.Status == 201 ? answer.Json.GetProperty("id").GetString()! : "";
        string headers = $$"""{"Content-Length":"{{bytes.Length}}","Content-Type":"{{contentType}}","If-None-Match":"*","x-amz-tagging":"photos-upload=unfinished"}""";
        string upload = $$"""{"method":"PUT","url":"{{objects}}{{id}}","headers":{{headers}},"expires"}""";
        Check("Grant", [$$"""201 {"id":"{{id}}","upload":{{upload}}}"""], Answers.Describe(answer));

        var photo = new ModelPhoto(id, objects + id, bytes, contentType, answer.Json.GetProperty("upload"));
        _album.Add(photo);
        foreach (ModelPhoto old in _album.Photos.Where(one => one.State == default).Skip(MaxUnlisted).ToArray())
        {
            _album.Forget(old);
        }

        return photo;
    }

    private async Task CheckAllAsync()
    {
        string? after = null;
        string? next = null;
        do
        {
            HttpAnswer page = await RunAsync(List(100, after, next));
            foreach (JsonElement view in Answers.Photos(page))
            {
                await DownloadAsync(view);
            }

            (after, next) = End(page);
        }
        while (next is not null);
    }

    private async Task UploadAsync(ModelPhoto photo)
    {
        if (photo.CanUpload)
        {
            await RunAsync(Upload(photo));
        }
    }

    private async Task DownloadAsync(JsonElement view)
    {
        ModelPhoto photo = _album.Find(view.GetProperty("id").GetString()!)!;
        string url = view.GetProperty("url").GetString()!;
        await RunAsync(new Operation(Call.Download, photo, photo.Id, () => AlbumModel.Download(photo), () => AlbumClient.DownloadAsync(url)));
    }

    private ModelPhoto Any() => _album.Photos.ElementAt(_random.Next(_album.Photos.Count));

    private Operation Change(ModelPhoto photo) => _random.Next(4) switch
    {
        0 when photo.CanUpload => Upload(photo),
        1 => Write(photo),
        _ => Delete(photo),
    };

    private static Operation Upload(ModelPhoto photo) => new(
        Call.Upload, photo, photo.Id, () => AlbumModel.Upload(photo), () => AlbumClient.PutAsync(photo.Upload, photo.Bytes));

    private Operation Write(ModelPhoto photo)
    {
        string title = string.Create(CultureInfo.InvariantCulture, $"{name}'s \"é\" no. {_random.Next()}.jpg");
        return new(Call.Write, photo, $"{photo.Id} {title}", () => AlbumModel.Write(photo, title), () => client.WriteAsync(photo.Id, title));
    }

    private Operation Get(ModelPhoto photo) => new(
        Call.Get, photo, photo.Id, () => AlbumModel.Get(photo), () => client.SendAsync("GET", $"/photos/{photo.Id}"));

    private Operation Delete(ModelPhoto photo)
    {
        string path = _random.Next(2) == 0 ? $"/photos/{photo.Id}" : $"/photos?id={photo.Id}";
        return new(Call.Delete, photo, photo.Id, () => AlbumModel.Delete(photo), () => client.SendAsync("DELETE", path));
    }

    private Operation List(int limit, string? after = null, string? next = null)
    {
        string query = $"limit={limit}{(next is null ? "" : $"&next={next}")}";
        return new(Call.List, null, query, () => _album.List(limit, after), () => client.SendAsync("GET", $"/photos?{query}"));
    }

    /// <returns>The last photo of a page, and the token of the next page where there is one.</returns>
    private static (string? Last, string? Next) End(HttpAnswer page) => (
        Answers.Photos(page).Select(view => view.GetProperty("id").GetString()).LastOrDefault(),
        page.Json.TryGetProperty("next", out JsonElement next) ? next.GetString() : null);

    private async Task<HttpAnswer> RunAsync(Operation call)
    {
        (HttpAnswer[] answers, _) = await RunAsync([call.Photo?.State ?? default], call);
        return answers[0];
    }

    /// <summary>Makes two calls at once, and finds out how that ended.</summary>
    /// <returns>The list's answer, where one was a list.</returns>
    private async Task<HttpAnswer> TogetherAsync(Operation first, Operation second)
    {
        ModelPhoto photo = (first.Photo ?? second.Photo)!;
        (HttpAnswer[] answers, PhotoState[] ends) = await RunAsync([photo.State], first, second);
        Pairs++;
        if (ends.Length > 1)
        {
            // The answers may leave open whether there is an object. A write cannot.
            await RunAsync(ends, Write(photo));
        }

        await GetAsync(photo);
        return first.Call == Call.List ? answers[0] : answers[1];
    }

    /// <summary>Makes calls at once, whose answers and end must be those of one order or another.</summary>
    /// <param name="begins">The states that their photo may be in.</param>
    /// <returns>The answers, and the states that the photo may be in by them, the first of which the model has taken on.</returns>
    private async Task<(HttpAnswer[] Answers, PhotoState[] Ends)> RunAsync(PhotoState[] begins, params Operation[] calls)
    {
        _sent = DateTimeOffset.UtcNow;
        HttpAnswer[] answers = await Task.WhenAll(calls.Select(call => traffic.SendAsync(call.Call, call.SendAsync)));
        foreach (HttpAnswer answer in answers)
        {
            LearnDates(answer);
        }

        var possible = new List<(string Answers, PhotoState End)>();
        ModelPhoto? photo = calls.Select(call => call.Photo).FirstOrDefault(one => one is not null);
        foreach (PhotoState begin in begins)
        {
            possible.Add(Foretell(calls, photo, begin, order: [.. Enumerable.Range(0, calls.Length)]));
            possible.Add(Foretell(calls, photo, begin, order: [.. Enumerable.Range(0, calls.Length).Reverse()]));
            if (begin.HasObject && calls.Any(call => call.Call == Call.Write) && calls.Any(call => call.Call == Call.Delete))
            {
                // What the delete met is what the write, on seeing that the object had gone, was about to take back.
                possible.Add((string.Join(" and ", calls.Select(call => call.Call == Call.Write ? AlbumModel.NotUploaded : "204")), default));
            }
        }

        string got = string.Join(" and ", answers.Select(Answers.Describe));
        PhotoState[] ends = [.. possible.Where(one => one.Answers == got).Select(one => one.End).Distinct()];
        Check(string.Join(" and at once ", calls.Select(call => $"{call.Call} {call.What}")), possible.Select(one => one.Answers), got);
        if (photo is not null)
        {
            photo.State = ends[0];
            photo.Date = photo.State.Name is null ? null : photo.Date;
        }

        return (answers, ends);
    }

    private static (string Answers, PhotoState End) Foretell(Operation[] calls, ModelPhoto? photo, PhotoState begin, int[] order)
    {
        if (photo is not null)
        {
            photo.State = begin;
        }

        string[] answers = new string[calls.Length];
        foreach (int call in order)
        {
            answers[call] = calls[call].Foretell();
        }

        return (string.Join(" and ", answers), photo?.State ?? default);
    }

    /// <summary>The date of a write is the function's to choose; from its first answer on it stands.</summary>
    private void LearnDates(HttpAnswer answer)
    {
        foreach (JsonElement view in Answers.Photos(answer))
        {
            string date = view.GetProperty("date").GetString()!;
            if (_album.Find(view.GetProperty("id").GetString()!) is { Date: null } photo
                && DateTimeOffset.TryParse(date, CultureInfo.InvariantCulture, out DateTimeOffset parsed)
                && parsed > _sent - s_clockStep
                && parsed < DateTimeOffset.UtcNow + s_clockStep
                && date == PhotoRules.FormatDate(parsed))
            {
                photo.Date = date;
            }
        }
    }

    private void Check(string call, IEnumerable<string> expected, string got)
    {
        string[] allowed = [.. expected.Distinct()];
        if (!allowed.Contains(got))
        {
            Assert.Fail($"{name}: {call}\n  got {From(got, allowed[0])}{string.Concat(allowed.Select(one => $"\n  not {From(one, got)}"))}");
        }
    }

    /// <summary>The text from a little before where it parts from the other: the rest of a page fills a screen.</summary>
    private static string From(string text, string other)
    {
        int begin = Math.Max(0, text.AsSpan().CommonPrefixLength(other) - 100);
        return (begin > 0 ? "…" : "") + text[begin..Math.Min(text.Length, begin + 600)];
    }

    /// <summary>A call, and what the model makes of it.</summary>
    /// <param name="Photo">The one that it is about; null for a list.</param>
    /// <param name="What">For a failure's message.</param>
    /// <param name="Foretell">Does to the model what the call does, and gives the answer.</param>
    private sealed record Operation(Call Call, ModelPhoto? Photo, string What, Func<string> Foretell, Func<Task<HttpAnswer>> SendAsync);
}
