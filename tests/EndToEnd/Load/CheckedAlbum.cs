using System.Globalization;
using System.Text.Json;
using Photos.Album;
using Photos.Tests.EndToEnd.Album;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>A call, and its effect on the model.</summary>
/// <param name="Call">The kind of call.</param>
/// <param name="Photo">The photo that it is about; <see langword="null"/> for a list.</param>
/// <param name="What">The parameters, for messages.</param>
/// <param name="Predict">Does to the model what the call does to the album, and returns the expected response.</param>
/// <param name="SendAsync">Sends it.</param>
internal sealed record Operation(Call Call, ModelPhoto? Photo, string What, Func<string> Predict, Func<Task<ApiResponse>> SendAsync);

/// <summary>One user's album. Every response is checked against the model, and a wrong one fails the test.</summary>
/// <param name="user">The user's id.</param>
/// <param name="client">The user's client.</param>
/// <param name="traffic">Sends the requests.</param>
/// <param name="objects">The URL of the user's objects, without their ids.</param>
internal sealed class CheckedAlbum(string user, AlbumClient client, Traffic traffic, string objects)
{
    /// <summary>How many photos that are granted or deleted the model keeps.</summary>
    private const int MaxGone = 12;

    private static readonly TimeSpan s_clockStep = TimeSpan.FromMilliseconds(1);

    private DateTimeOffset _sent;

    public AlbumModel Model { get; } = new(user);

    /// <summary>The number of pairs of calls that raced.</summary>
    public int Pairs { get; private set; }

    /// <summary>A photo of which the user knows only the id.</summary>
    public ModelPhoto Strange(string id) => new(id, objects + id, [], "image/jpeg");

    public static Operation Upload(ModelPhoto photo) => new(
        Call.Upload, photo, photo.Id, () => AlbumModel.Upload(photo), () => AlbumClient.PutAsync(photo.Upload, photo.Bytes));

    public Operation Write(ModelPhoto photo, string name) => new(
        Call.Write, photo, $"{photo.Id} {name}", () => AlbumModel.Write(photo, name), () => client.WriteAsync(photo.Id, name));

    public Operation Get(ModelPhoto photo) => new(
        Call.Get, photo, photo.Id, () => AlbumModel.Get(photo), () => client.SendAsync("GET", $"/photos/{photo.Id}"));

    public Operation Delete(ModelPhoto photo) => new(
        Call.Delete, photo, photo.Id, () => AlbumModel.Delete(photo), () => client.SendAsync("DELETE", $"/photos/{photo.Id}"));

    public Operation DeleteByQuery(ModelPhoto photo) => new(
        Call.DeleteByQuery, photo, photo.Id, () => AlbumModel.Delete(photo), () => client.SendAsync("DELETE", $"/photos?id={photo.Id}"));

    /// <param name="limit">The most photos on the page.</param>
    /// <param name="after">The last photo of the previous page.</param>
    /// <param name="next">The token of the previous page.</param>
    public Operation List(int limit, string? after = null, string? next = null)
    {
        string query = $"limit={limit}{(next is null ? "" : $"&next={next}")}";
        return new(Call.List, null, query, () => Model.List(limit, after), () => client.SendAsync("GET", $"/photos?{query}"));
    }

    /// <summary>Gets a grant for an object, which may remain unused.</summary>
    public async Task<ModelPhoto> GrantAsync(byte[] bytes, string contentType)
    {
        ApiResponse response = await traffic.SendAsync(Call.Grant, () => client.GrantAsync(bytes.Length, "a", contentType));
        string id = response.Status == 201 ? response.Json.GetProperty("id").GetString()! : "";
        string headers = $$"""
            {"Content-Length":"{{bytes.Length}}","Content-Type":"{{contentType}}","If-None-Match":"*","x-amz-tagging":"{{PhotoUrls.UnfinishedTag}}"}
            """;
        string upload = $$"""{"method":"PUT","url":"{{objects}}{{id}}","headers":{{headers}},"expires"}""";
        Check("Grant", [$$"""201 {"id":"{{id}}","upload":{{upload}}}"""], Responses.Describe(response));

        var photo = new ModelPhoto(id, objects + id, bytes, contentType, response.Json.GetProperty("upload"));
        Model.Add(photo);
        foreach (ModelPhoto old in Model.Photos.Where(one => one.State == default).Skip(MaxGone).ToArray())
        {
            Model.Forget(old);
        }

        return photo;
    }

    /// <summary>Gets one photo, and downloads its object if there is one.</summary>
    public async Task GetAsync(ModelPhoto photo)
    {
        ApiResponse one = await RunAsync(Get(photo));
        foreach (JsonElement view in Responses.Photos(one))
        {
            await DownloadAsync(view);
        }
    }

    /// <summary>Downloads an object by the URL in a response.</summary>
    public async Task DownloadAsync(JsonElement view)
    {
        ModelPhoto photo = Model.Find(view.GetProperty("id").GetString()!)!;
        string url = view.GetProperty("url").GetString()!;
        await RunAsync(new Operation(Call.Download, photo, photo.Id, () => AlbumModel.Download(photo), () => AlbumClient.DownloadAsync(url)));
    }

    public async Task<ApiResponse> RunAsync(Operation call)
    {
        (ApiResponse[] responses, _) = await RunAsync([call.Photo?.State ?? default], call);
        return responses[0];
    }

    /// <summary>Sends two calls at once, and determines the state in which they left the photo.</summary>
    /// <returns>The response to the list, if one of them is a list.</returns>
    public async Task<ApiResponse> TogetherAsync(Operation first, Operation second)
    {
        ModelPhoto photo = (first.Photo ?? second.Photo)!;
        (ApiResponse[] responses, PhotoState[] ends) = await RunAsync([photo.State], first, second);
        Pairs++;
        if (ends.Length > 1)
        {
            // The responses do not always tell whether there is an object. The response to a write does.
            await RunAsync(ends, Write(photo, "settled.jpg"));
        }

        await GetAsync(photo);
        return first.Call == Call.List ? responses[0] : responses[1];
    }

    /// <summary>Sends calls at once. Their responses and the final state must be those of some order.</summary>
    /// <param name="begins">The states in which the photo may be.</param>
    /// <param name="calls">The calls, all about the same photo.</param>
    /// <returns>The responses, and the states in which they may leave the photo. The model has the first of them.</returns>
    private async Task<(ApiResponse[] Responses, PhotoState[] Ends)> RunAsync(PhotoState[] begins, params Operation[] calls)
    {
        _sent = DateTimeOffset.UtcNow;
        ApiResponse[] responses = await Task.WhenAll(calls.Select(call => traffic.SendAsync(call.Call, call.SendAsync)));
        foreach (ApiResponse response in responses)
        {
            LearnDates(response);
        }

        var possible = new List<(string Responses, PhotoState End)>();
        ModelPhoto? photo = calls.Select(call => call.Photo).FirstOrDefault(one => one is not null);
        foreach (PhotoState begin in begins)
        {
            possible.Add(Predict(calls, photo, begin, order: [.. Enumerable.Range(0, calls.Length)]));
            possible.Add(Predict(calls, photo, begin, order: [.. Enumerable.Range(0, calls.Length).Reverse()]));
            if (begin.HasObject && calls.Any(call => call.Call == Call.Write) && calls.Any(IsDelete))
            {
                // The delete removed the item that the write, on finding the object gone, was about to remove itself.
                possible.Add((string.Join(" and ", calls.Select(call => call.Call == Call.Write ? AlbumModel.NotUploaded : "204")), default));
            }
        }

        string got = string.Join(" and ", responses.Select(Responses.Describe));
        PhotoState[] ends = [.. possible.Where(one => one.Responses == got).Select(one => one.End).Distinct()];
        Check(string.Join(" and at once ", calls.Select(call => $"{call.Call} {call.What}")), possible.Select(one => one.Responses), got);
        if (photo is not null)
        {
            photo.State = ends[0];
            photo.Date = photo.State.Name is null ? null : photo.Date;
        }

        return (responses, ends);
    }

    private static (string Responses, PhotoState End) Predict(Operation[] calls, ModelPhoto? photo, PhotoState begin, int[] order)
    {
        if (photo is not null)
        {
            photo.State = begin;
        }

        string[] responses = new string[calls.Length];
        foreach (int call in order)
        {
            responses[call] = calls[call].Predict();
        }

        return (string.Join(" and ", responses), photo?.State ?? default);
    }

    /// <summary>The function chooses the date of a write. From the first response that has it, the date must not change.</summary>
    private void LearnDates(ApiResponse response)
    {
        foreach (JsonElement view in Responses.Photos(response))
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

    private static bool IsDelete(Operation call) => call.Call == Call.Delete || call.Call == Call.DeleteByQuery;

    private void Check(string call, IEnumerable<string> expected, string got)
    {
        string[] allowed = [.. expected.Distinct()];
        if (!allowed.Contains(got))
        {
            Assert.Fail($"{user}: {call}\n  got {From(got, allowed[0])}{string.Concat(allowed.Select(one => $"\n  not {From(one, got)}"))}");
        }
    }

    /// <summary>The text from shortly before the first difference, since a whole page fills a screen.</summary>
    private static string From(string text, string other)
    {
        int begin = Math.Max(0, text.AsSpan().CommonPrefixLength(other) - 100);
        return (begin > 0 ? "…" : "") + text[begin..Math.Min(text.Length, begin + 600)];
    }
}
