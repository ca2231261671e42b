using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Photos.Album;
using Photos.Api;
using Photos.Tests.EndToEnd.Album;
using Photos.Tests.EndToEnd.Faults;

namespace Photos.Tests.EndToEnd.Load;

/// <summary>One of many users, who sends every kind of call.</summary>
/// <param name="number">The user's number. Every choice depends only on it and the seed.</param>
/// <param name="name">The user's id.</param>
/// <param name="album">The user's album.</param>
/// <param name="newest">The newest photo of each user, which the others request.</param>
internal sealed class LoadUser(int number, string name, CheckedAlbum album, ConcurrentDictionary<string, string> newest)
{
    private static readonly int[] s_limits = [1, 2, 3, 5, 10, 49, 50, 100];
    private static readonly string[] s_orders = ["uploaded", "taken"];

    private readonly Random _random = new((LongRun.Seed * 1000) + number);
    private int _granted;
    private int _capacity;

    /// <summary>Sends one call after another until the time is over, then checks the whole album.</summary>
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
        // In the short form, the test would otherwise wait a minute for enough deletes of all.
        switch (_random.Next(LongRun.IsOn ? 100 : 104))
        {
            case < 22:
                await (album.Model.Listed.Count() < _capacity ? AddAsync() : ThinOutAsync());
                break;
            case < 32:
                await ListAsync();
                break;
            case < 36:
                await PageThroughAsync();
                break;
            case < 46:
                await album.GetAsync(Any());
                break;
            case < 56:
                ModelPhoto photo = Any();
                await album.TogetherAsync(Change(photo), _random.Next(4) == 0 ? album.Get(photo) : Change(photo));
                break;
            case < 62:
                await album.RunAsync(Write(Any()));
                break;
            case < 66:
                await album.RunAsync(Rename(Any()));
                break;
            case < 80:
                await DeleteTwiceAsync(Any());
                break;
            case < 86:
                await UploadAsync(Any());
                break;
            case < 93:
                await StrangeAsync();
                break;
            case < 99:
                await GrantAsync();
                break;
            default:
                ModelPhoto one = Any();
                await album.DeleteAllAsync(one, _random.Next(2) == 0 ? Change(one) : null);
                break;
        }
    }

    /// <summary>Grants, uploads and writes a photo, or completes one that was uploaded but not written.</summary>
    private async Task AddAsync()
    {
        ModelPhoto photo = album.Model.Photos.FirstOrDefault(one => one.State is { Item: PhotoState.Granted, HasObject: true }) ?? await GrantAsync();
        await UploadAsync(photo);
        await (_random.Next(4) == 0 ? album.TogetherAsync(Write(photo), Change(photo)) : album.RunAsync(Write(photo)));
        newest[name] = photo.Id;
    }

    private async Task ThinOutAsync()
    {
        ModelPhoto[] photos = [.. album.Model.Listed.Where(_ => _random.Next(10) == 0)];
        if (photos.Length > 1 && _random.Next(2) == 0)
        {
            await album.DeleteManyAsync(photos);
            return;
        }

        foreach (ModelPhoto photo in photos)
        {
            await album.RunAsync(Delete(photo));
        }
    }

    /// <summary>Lists one page and downloads one of its photos.</summary>
    private async Task ListAsync()
    {
        ApiResponse page = await album.RunAsync(album.List(s_limits[_random.Next(s_limits.Length)], order: AnyOrder()));
        JsonElement[] views = [.. Responses.Photos(page)];
        if (views.Length > 0)
        {
            await album.DownloadAsync(views[_random.Next(views.Length)]);
        }
    }

    /// <summary>Lists page by page while the album changes.</summary>
    private async Task PageThroughAsync()
    {
        int count = album.Model.Listed.Count();
        int limit = Math.Min(100, _random.Next(1 + count / 8, 2 + count / 2));
        string order = AnyOrder();
        string? after = null;
        string? next = null;
        do
        {
            Operation list = album.List(limit, after, next, order);
            ApiResponse page = _random.Next(3) switch
            {
                0 => await album.TogetherAsync(list, Change(Any())),
                1 => await album.TogetherAsync(Change(Any()), list),
                _ => await album.RunAsync(list),
            };
            (after, next) = End(page);
        }
        while (next is not null);
    }

    /// <summary>Deletes a photo by two routes, and uses an earlier URL in between.</summary>
    private async Task DeleteTwiceAsync(ModelPhoto photo)
    {
        ApiResponse before = await album.RunAsync(album.Get(photo));
        Operation[] deletes = [album.Delete(photo), album.DeleteByQuery(photo), album.DeleteMany(photo)];
        _random.Shuffle(deletes);
        await album.RunAsync(deletes[0]);
        foreach (JsonElement view in Responses.Photos(before))
        {
            await album.DownloadAsync(view);
        }

        await album.RunAsync(deletes[1]);
    }

    /// <summary>Requests a photo of another user, or one that never existed.</summary>
    private async Task StrangeAsync()
    {
        KeyValuePair<string, string>[] others = [.. newest.Where(one => one.Key != name)];
        (string other, string id) = others.Length > 0 && _random.Next(4) > 0
            ? others[_random.Next(others.Length)]
            : KeyValuePair.Create("load-none", PhotoId.Create(DateTimeOffset.UtcNow).Value);
        ModelPhoto photo = album.Strange(id);
        bool isByTaken = _random.Next(2) == 0;
        string next = PageToken.Create(UserId.FromSubject(other), new(PhotoId.Parse(id), isByTaken ? PhotoRules.FormatDate(PhotoId.Parse(id).Time) : null));
        await album.RunAsync(_random.Next(5) switch
        {
            0 => album.Get(photo),
            1 => Write(photo),
            2 => Rename(photo),
            3 => Delete(photo),
            _ => album.List(10, next: next, order: isByTaken ? "taken" : "uploaded") with { Predict = () => """400 {"code":"InvalidField"}""" },
        });
    }

    private Task<ModelPhoto> GrantAsync()
    {
        // The last bytes identify the user and the photo. Decoders ignore what follows a picture.
        byte[] random = new byte[_random.Next(0, 4096)];
        _random.NextBytes(random);
        byte[] identity = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(identity, number);
        BinaryPrimitives.WriteInt32BigEndian(identity.AsSpan(4), ++_granted);
        byte[] bytes = [.. _random.Next(3) == 0 ? RacingPhoto.Picture : [], .. random, .. identity];
        return album.GrantAsync(bytes, PhotoRules.ContentTypes[_random.Next(PhotoRules.ContentTypes.Length)]);
    }

    private async Task CheckAllAsync()
    {
        string order = AnyOrder();
        string? after = null;
        string? next = null;
        do
        {
            ApiResponse page = await album.RunAsync(album.List(100, after, next, order));
            foreach (JsonElement view in Responses.Photos(page))
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

    private string AnyOrder() => s_orders[_random.Next(s_orders.Length)];

    private Operation Change(ModelPhoto photo) => _random.Next(5) switch
    {
        0 when photo.CanUpload => CheckedAlbum.Upload(photo),
        1 => Write(photo),
        2 => Rename(photo),
        _ => Delete(photo),
    };

    private Operation Write(ModelPhoto photo) =>
        album.Write(photo, _random.Next(4) == 0 ? null : NewName());

    private Operation Rename(ModelPhoto photo) => album.Rename(photo, NewName());

    private string NewName() => string.Create(CultureInfo.InvariantCulture, $"{name}'s \"é\" no. {_random.Next()}.jpg");

    private Operation Delete(ModelPhoto photo) => _random.Next(3) switch
    {
        0 => album.Delete(photo),
        1 => album.DeleteByQuery(photo),
        _ => album.DeleteMany(photo),
    };

    /// <returns>The last photo of a page, and the token of the next page if there is one.</returns>
    private static (string? Last, string? Next) End(ApiResponse page) => (
        Responses.Photos(page).Select(view => view.GetProperty("id").GetString()).LastOrDefault(),
        page.Json.TryGetProperty("next", out JsonElement next) ? next.GetString() : null);
}
