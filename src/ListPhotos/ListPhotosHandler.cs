using Photos.Album;
using Photos.Api;

namespace Photos.ListPhotos;

/// <summary><c>GET /photos</c> and <c>GET /photos/{id}</c>.</summary>
internal sealed class ListPhotosHandler(IPhotoReader photos, PhotoUrls urls)
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 100;

    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken) =>
        request.PathParameter("id") is string id
            ? Get(request.User, PhotoId.Parse(id), cancellationToken)
            : List(request, cancellationToken);

    private ProxyResponse List(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        int limit = request.QueryNumber("limit", 1, MaxLimit, DefaultLimit);
        PhotoRange range = ReadRange(request);
        PhotoPosition? after = request.QueryParameter("next") is string next ? PageToken.Open(user, range.Order, next) : null;

        PhotoPage page = photos.List(user, range, limit, after, cancellationToken);

        var views = new PhotoView[page.Photos.Count];
        for (int i = 0; i < views.Length; i++)
        {
            views[i] = PhotoView.Of(user, page.Photos[i], urls);
        }

        string? token = page.Next is PhotoPosition last ? PageToken.Create(user, last) : null;
        return ProxyResponse.Json(200, new AlbumPage(user.Value, views, token), ListJsonContext.Write);
    }

    private static PhotoRange ReadRange(ProxyRequest request)
    {
        PhotoOrder order = request.QueryParameter("order") switch
        {
            null or "uploaded" => PhotoOrder.Uploaded,
            "taken" => PhotoOrder.Taken,
            _ => throw new PhotoException(PhotoFault.InvalidField, "order must be uploaded or taken."),
        };
        DateTimeOffset? from = request.QueryParameter("from") is string first ? PhotoRules.ParseTime("from", first) : null;
        DateTimeOffset? to = request.QueryParameter("to") is string end ? PhotoRules.ParseTime("to", end) : null;
        return from >= to
            ? throw new PhotoException(PhotoFault.InvalidField, "to must be later than from, because it is the time that all photos are before.")
            : new PhotoRange(order, from, to);
    }

    private ProxyResponse Get(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        Photo photo = photos.Find(user, id, cancellationToken)
            ?? throw new PhotoException(PhotoFault.NotFound, "There is no photo with this id in your album. List the album to see its ids.");
        PhotoView view = PhotoView.Of(user, photo, urls) with
        {
            PreviewUrl = photo.Status == PhotoStatus.Ready ? urls.Rendition(user, photo.Id, PhotoBucket.Preview) : null,
            DownloadUrl = urls.Attachment(user, photo),
        };
        return ProxyResponse.Json(200, view, ListJsonContext.Write);
    }
}
