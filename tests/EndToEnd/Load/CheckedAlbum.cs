using System.Globalization;
using System.Text.Json;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>A call, and what the model makes of it.</summary>
/// <param name="Photo">The one that it is about; null for a list.</param>
/// <param name="What">For a failure's message.</param>
/// <param name="Foretell">Does to the model what the call does, and gives the answer.</param>
internal sealed record Operation(Call Call, ModelPhoto? Photo, string What, Func<string> Foretell, Func<Task<HttpAnswer>> SendAsync);

/// <summary>One user's album, every answer of which is held against the model. A wrong one fails the test.</summary>
/// <param name="objects">Where the user's objects lie, up to their ids.</param>
internal sealed class CheckedAlbum(string user, AlbumClient client, Traffic traffic, string objects)
{
    /// <summary>How many photos are remembered that are granted or deleted, but not there.</summary>
    private const int MaxGone = 12;

    private static readonly TimeSpan s_clockStep = TimeSpan.FromMilliseconds(1);

    private DateTimeOffset _sent;

    public AlbumModel Model { get; } = new(user);

    /// <summary>How many pairs of calls were made at once.</summary>
    public int Pairs { get; private set; }

    /// <summary>A photo of which the user knows the id alone.</summary>
    public ModelPhoto Strange(string id) => new(id, objects + id, [], "image/jpeg");

    public static Operation Upload(ModelPhoto photo) => new(
        Call.Upload, photo, photo.Id, () => AlbumModel.Upload(photo), () => AlbumClient.PutAsync(photo.Upload, photo.Bytes));

    public Operation Write(ModelPhoto photo, string name) => new(
        Call.Write, photo, $"{photo.Id} {name}", () => AlbumModel.Write(photo, name), () => client.WriteAsync(photo.Id, name));

    public Operation Get(ModelPhoto photo) => new(
        Call.Get, photo, photo.Id, () => AlbumModel.Get(photo), () => client.SendAsync("GET", $"/photos/{photo.Id}"));

    /// <param name="path">The path up to the id: there are two.</param>
    public Operation Delete(ModelPhoto photo, string path) => new(
        Call.Delete, photo, path + photo.Id, () => AlbumModel.Delete(photo), () => client.SendAsync("DELETE", path + photo.Id));

    /// <param name="after">The last photo of the page before.</param>
    /// <param name="next">That page's token.</param>
    public Operation List(int limit, string? after = null, string? next = null)
    {
        string query = $"limit={limit}{(next is null ? "" : $"&next={next}")}";
        return new(Call.List, null, query, () => Model.List(limit, after), () => client.SendAsync("GET", $"/photos?{query}"));
    }

    /// <summary>Gets a grant for an object, which need not be sent.</summary>
    public async Task<ModelPhoto> GrantAsync(byte[] bytes, string contentType)
    {
        HttpAnswer answer = await traffic.SendAsync(Call.Grant, () => client.GrantAsync(bytes.Length, "a", contentType));
        string id = answer.Status == 201 ? answer.Json.GetProperty("id").GetString()! : "";
        string headers = $$"""
            {"Content-Length":"{{bytes.Length}}","Content-Type":"{{contentType}}","If-None-Match":"*","x-amz-tagging":"{{PhotoUrls.UnfinishedTag}}"}
            """;
        string upload = $$"""{"method":"PUT","url":"{{objects}}{{id}}","headers":{{headers}},"expires"}""";
        Check("Grant", [$$"""201 {"id":"{{id}}","upload":{{upload}}}"""], Answers.Describe(answer));

        var photo = new ModelPhoto(id, objects + id, bytes, contentType, answer.Json.GetProperty("upload"));
        Model.Add(photo);
        foreach (ModelPhoto old in Model.Photos.Where(one => one.State == default).Skip(MaxGone).ToArray())
        {
            Model.Forget(old);
        }

        return photo;
    }

    /// <summary>Gets one photo, and its object where it is there.</summary>
    public async Task GetAsync(ModelPhoto photo)
    {
        HttpAnswer one = await RunAsync(Get(photo));
        foreach (JsonElement view in Answers.Photos(one))
        {
            await DownloadAsync(view);
        }
    }

    /// <summary>Gets an object by the URL that an answer had.</summary>
    public async Task DownloadAsync(JsonElement view)
    {
        ModelPhoto photo = Model.Find(view.GetProperty("id").GetString()!)!;
        string url = view.GetProperty("url").GetString()!;
        await RunAsync(new Operation(Call.Download, photo, photo.Id, () => AlbumModel.Download(photo), () => AlbumClient.DownloadAsync(url)));
    }

    public async Task<HttpAnswer> RunAsync(Operation call)
    {
        (HttpAnswer[] answers, _) = await RunAsync([call.Photo?.State ?? default], call);
        return answers[0];
    }

    /// <summary>Makes two calls at once, and finds out how that ended.</summary>
    /// <returns>The list's answer, where one was a list.</returns>
    public async Task<HttpAnswer> TogetherAsync(Operation first, Operation second)
    {
        ModelPhoto photo = (first.Photo ?? second.Photo)!;
        (HttpAnswer[] answers, PhotoState[] ends) = await RunAsync([photo.State], first, second);
        Pairs++;
        if (ends.Length > 1)
        {
            // The answers may leave open whether there is an object. A write cannot.
            await RunAsync(ends, Write(photo, "settled.jpg"));
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
            if (Model.Find(view.GetProperty("id").GetString()!) is { Date: null } photo
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
            Assert.Fail($"{user}: {call}\n  got {From(got, allowed[0])}{string.Concat(allowed.Select(one => $"\n  not {From(one, got)}"))}");
        }
    }

    /// <summary>The text from a little before where it parts from the other: the rest of a page fills a screen.</summary>
    private static string From(string text, string other)
    {
        int begin = Math.Max(0, text.AsSpan().CommonPrefixLength(other) - 100);
        return (begin > 0 ? "…" : "") + text[begin..Math.Min(text.Length, begin + 600)];
    }
}
