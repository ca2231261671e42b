using Photos.Album;
using Photos.Api;

namespace Photos.WritePhoto;

/// <summary><c>POST /photos/uploads</c>, <c>POST /photos</c> and <c>PATCH /photos/{id}</c>.</summary>
internal sealed class WritePhotoHandler(
    IPhotoWriter photos, IUploads uploads, PhotoUrls urls, long maxPhotoBytes, TimeProvider clock)
{
    private const string UploadsResource = "/photos/uploads";
    private const string PhotoResource = "/photos/{id}";

    // Long enough for a phone that was switched off after its upload to write the photo.
    private static readonly TimeSpan s_grantLifetime = TimeSpan.FromDays(7);

    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken) =>
        request.Resource switch
        {
            UploadsResource => Grant(request, cancellationToken),
            PhotoResource => Rename(request, cancellationToken),
            _ => Write(request, cancellationToken),
        };

    private ProxyResponse Grant(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        UploadRequest body = request.ReadBody(UploadRequest.Read);
        string name = PhotoRules.CheckName(body.Name);
        string contentType = PhotoRules.CheckContentType(body.ContentType);
        long size = PhotoRules.CheckSize(body.Size, maxPhotoBytes);

        DateTimeOffset now = clock.GetUtcNow();
        var id = PhotoId.Create(now);
        photos.Grant(user, new Photo(id, name, PhotoRules.FormatDate(id.Time), size, contentType), now + s_grantLifetime, cancellationToken);
        var response = new UploadResponse(id.Value, urls.Upload(user, id, contentType, size));
        return ProxyResponse.Json(201, response, WriteJsonContext.Write);
    }

    private ProxyResponse Write(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        WriteRequest body = request.ReadBody(WriteRequest.Read);
        PhotoId id = PhotoId.Parse(body.Id);
        string? name = body.Name is null ? null : PhotoRules.CheckName(body.Name);

        // The object before the item: a listed photo always has its object.
        DateTimeOffset now = clock.GetUtcNow();
        (bool isNew, StoredPhoto stored) = uploads.Find(user, id, cancellationToken) is UploadedObject uploaded
            ? photos.Write(user, id, name, uploaded, now, cancellationToken)
            : (false, photos.Look(user, id, now, cancellationToken));
        return stored.State switch
        {
            PhotoState.Listed => Respond(isNew ? 201 : 200, user, stored.Photo!),
            PhotoState.Granted => ErrorResponse.For(NotUploaded()),
            PhotoState.Deleted => ErrorResponse.For(Deleted()),
            _ => ErrorResponse.For(GrantExpired()),
        };
    }

    private ProxyResponse Rename(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        PhotoId id = PhotoId.Parse(request.PathParameter("id"));
        string name = PhotoRules.CheckName(request.ReadBody(RenameRequest.Read).Name);

        StoredPhoto stored = photos.Rename(user, id, name, cancellationToken);
        return stored.State switch
        {
            PhotoState.Listed => Respond(200, user, stored.Photo!),
            PhotoState.Deleted => ErrorResponse.For(Deleted()),
            _ => ErrorResponse.For(NotFound()),
        };
    }

    private ProxyResponse Respond(int status, UserId user, Photo photo) =>
        ProxyResponse.Json(status, PhotoView.Of(user, photo, urls), WriteJsonContext.Write);

    private static PhotoException NotUploaded() => new(
        PhotoFault.NotUploaded,
        "There is no object with the granted type and size for this id. Upload the photo to the grant's URL, then write it.");

    private static PhotoException Deleted() => new(
        PhotoFault.Deleted, "The photo was deleted. Its id cannot be used again; request a new grant to upload it once more.");

    private static PhotoException NotFound() => new(
        PhotoFault.NotFound, "There is no photo with this id in your album. List the album to see its ids.");

    private static PhotoException GrantExpired() => new(
        PhotoFault.GrantExpired, "There is no grant for this id, or it has expired. Request a new grant from POST /photos/uploads.");
}
