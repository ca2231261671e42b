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

    public AlbumModel Model { get; } = new(user);

    /// <summary>The number of pairs of calls that raced.</summary>
    public int Pairs { get; private set; }

    /// <summary>A photo of which the user knows only the id.</summary>
    public ModelPhoto Strange(string id) => new(id, objects + id, [], "image/jpeg") { PossibleStates = [default] };

    public static Operation Upload(ModelPhoto photo) => new(
        Call.Upload, photo, photo.Id, () => AlbumModel.Upload(photo), () => AlbumClient.PutAsync(photo.Upload, photo.Bytes));

    public Operation Write(ModelPhoto photo, string? name) => new(
        Call.Write, photo, $"{photo.Id} {name}", () => AlbumModel.Write(photo, name), () => client.WriteAsync(photo.Id, name));

    public Operation Get(ModelPhoto photo) => new(
        Call.Get, photo, photo.Id, () => AlbumModel.Get(photo), () => client.SendAsync("GET", $"/photos/{photo.Id}"));

    public Operation Rename(ModelPhoto photo, string name) => new(
        Call.Rename, photo, $"{photo.Id} {name}", () => AlbumModel.Rename(photo, name), () => client.RenameAsync(photo.Id, name));

    public Operation Delete(ModelPhoto photo) => new(
        Call.Delete, photo, photo.Id, () => AlbumModel.Delete(photo), () => client.SendAsync("DELETE", $"/photos/{photo.Id}"));

    public Operation DeleteByQuery(ModelPhoto photo) => new(
        Call.DeleteByQuery, photo, photo.Id, () => AlbumModel.Delete(photo), () => client.SendAsync("DELETE", $"/photos?id={photo.Id}"));

    /// <summary>A delete of many photos, of which only this one can exist.</summary>
    public Operation DeleteMany(ModelPhoto photo)
    {
        ModelPhoto none = Strange(PhotoId.Create(DateTimeOffset.UtcNow).Value);
        return new(
            Call.DeleteMany, photo, photo.Id, () => AlbumModel.DeleteMany([photo, none]), () => client.DeleteManyAsync(photo.Id, none.Id, photo.Id));
    }

    /// <summary>Deletes all photos, in as many calls as it takes.</summary>
    /// <param name="photo">One of them, about which a change is sent at the same time.</param>
    /// <param name="meanwhile">The change; <see langword="null"/> for none.</param>
    public async Task DeleteAllAsync(ModelPhoto photo, Operation? meanwhile)
    {
        var all = new Operation(Call.DeleteAll, photo, "", () => AlbumModel.DeleteAll(photo), async () =>
        {
            while (true)
            {
                ApiResponse response = await client.DeleteAllAsync();
                if (response.Status != 202)
                {
                    return response;
                }
            }
        });
        await (meanwhile is null ? RunAsync(all) : TogetherAsync(all, meanwhile));
        Model.DeleteAllBut(photo);
    }

    /// <param name="limit">The most photos on the page.</param>
    /// <param name="after">The last photo of the previous page.</param>
    /// <param name="next">The token of the previous page.</param>
    /// <param name="order">The order. Both are the same for these photos, whose pictures do not say when they were taken.</param>
    public Operation List(int limit, string? after = null, string? next = null, string order = "uploaded")
    {
        string query = $"limit={limit}&order={order}{(next is null ? "" : $"&next={next}")}";
        return new(Call.List, null, query, () => Model.List(limit, after), () => client.SendAsync("GET", $"/photos?{query}"));
    }

    /// <summary>Gets a grant for an object, which may remain unused.</summary>
    public async Task<ModelPhoto> GrantAsync(byte[] bytes, string contentType)
    {
        const string Name = "granted.jpg";
        ApiResponse response = await traffic.SendAsync(Call.Grant, () => client.GrantAsync(bytes.Length, Name, contentType));
        string id = response.Status == 201 ? response.Json.GetProperty("id").GetString()! : "";
        string headers = $$"""{"Content-Length":"{{bytes.Length}}","Content-Type":"{{contentType}}","If-None-Match":"*"}""";
        string upload = $$"""{"method":"PUT","url":"{{objects}}{{id}}","headers":{{headers}},"expires"}""";
        Check("Grant", [$$"""201 {"id":"{{id}}","upload":{{upload}}}"""], Responses.Describe(response));

        var state = new ModelState(PhotoState.Granted, HasObject: false, Name);
        var photo = new ModelPhoto(id, objects + id, bytes, contentType, response.Json.GetProperty("upload")) { State = state, PossibleStates = [state] };
        Model.Add(photo);
        foreach (ModelPhoto old in Model.Photos.Where(one => !one.State.IsListed && !one.State.HasObject).Skip(MaxGone).ToArray())
        {
            Model.Forget(old);
        }

        return photo;
    }

    /// <summary>Deletes several photos by one call.</summary>
    public async Task DeleteManyAsync(ModelPhoto[] photos)
    {
        ApiResponse response = await traffic.SendAsync(Call.DeleteMany, () => client.DeleteManyAsync([.. photos.Select(photo => photo.Id)]));
        Check(Call.DeleteMany.Name, [AlbumModel.DeleteMany(photos)], Responses.Describe(response));
        foreach (ModelPhoto photo in photos)
        {
            photo.PossibleStates = [photo.State];
        }
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

    public async Task<ApiResponse> RunAsync(Operation call) => (await RunAsync([call]))[0];

    /// <summary>Sends two calls at once, and gets the photo after them.</summary>
    /// <returns>The response to the list, if one of them is a list.</returns>
    public async Task<ApiResponse> TogetherAsync(Operation first, Operation second)
    {
        ModelPhoto photo = (first.Photo ?? second.Photo)!;
        ApiResponse[] responses = await RunAsync([first, second]);
        Pairs++;
        await GetAsync(photo);
        return first.Call == Call.List ? responses[0] : responses[1];
    }

    /// <summary>
    /// Sends calls at once, all about the same photo. Their responses must be those of some order of them and of sweeps. The model has
    /// the states in which such orders leave the photo.
    /// </summary>
    private async Task<ApiResponse[]> RunAsync(Operation[] calls)
    {
        ApiResponse[] responses = await Task.WhenAll(calls.Select(call => traffic.SendAsync(call.Call, call.SendAsync)));

        ModelPhoto? photo = calls.Select(call => call.Photo).FirstOrDefault(one => one is not null);
        int[] order = [.. Enumerable.Range(0, calls.Length)];
        (string Responses, ModelState End)[] possible =
        [
            .. from begin in photo is null ? [default] : photo.PossibleStates
               from inOrder in (int[][])[order, [.. order.Reverse()]]
               from sweeps in Enumerable.Range(0, 2 << calls.Length)
               select Predict(calls, photo, begin, inOrder, sweeps),
        ];

        string got = string.Join(" and ", responses.Select(Responses.Describe));
        ModelState[] ends = [.. possible.Where(one => one.Responses == got).Select(one => one.End).Distinct()];
        Check(string.Join(" and at once ", calls.Select(call => $"{call.Call} {call.What}")), possible.Select(one => one.Responses), got);
        if (photo is not null)
        {
            photo.PossibleStates = ends;
            photo.State = ends[0];
        }

        return responses;
    }

    /// <param name="calls">The calls.</param>
    /// <param name="photo">The photo that they are about; <see langword="null"/> for a list alone.</param>
    /// <param name="begin">The photo's state before them.</param>
    /// <param name="order">The order of the calls.</param>
    /// <param name="sweeps">Whether SweepPhoto handles the photo before each call and at the end, one bit for each.</param>
    private static (string Responses, ModelState End) Predict(Operation[] calls, ModelPhoto? photo, ModelState begin, int[] order, int sweeps)
    {
        if (photo is not null)
        {
            photo.State = begin;
        }

        string[] responses = new string[calls.Length];
        for (int i = 0; i <= calls.Length; i++)
        {
            if (photo is not null && (sweeps >> i & 1) == 1)
            {
                AlbumModel.Sweep(photo);
            }

            if (i < calls.Length)
            {
                responses[order[i]] = calls[order[i]].Predict();
            }
        }

        return (string.Join(" and ", responses), photo?.State ?? default);
    }

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
