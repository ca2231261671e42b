using Photos.Album;
using Photos.Api;

namespace Photos.WritePhoto;

/// <summary><c>POST /photos/uploads</c> and <c>POST /photos</c>.</summary>
internal sealed class WritePhotoHandler(
    IPhotoWriter photos, IUploads uploads, PhotoUrls urls, long maxPhotoBytes, TimeProvider clock)
{
    private const string UploadsResource = "/photos/uploads";

    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken) =>
        request.Resource == UploadsResource
            ? Grant(request)
            : Write(request, cancellationToken);

    private ProxyResponse Grant(ProxyRequest request)
    {
        UserId user = request.User;
        UploadRequest body = request.ReadBody(UploadRequest.Read);
        PhotoRules.CheckName(body.Name);
        string contentType = PhotoRules.CheckContentType(body.ContentType);
        long size = PhotoRules.CheckSize(body.Size, maxPhotoBytes);

        PhotoId id = PhotoId.Create(clock.GetUtcNow());
        var response = new UploadResponse(id.Value, urls.Upload(user, id, contentType, size));
        return ProxyResponse.Json(201, response, WriteJsonContext.Default.UploadResponse);
    }

    private ProxyResponse Write(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        WriteRequest body = request.ReadBody(WriteRequest.Read);
        PhotoId id = PhotoId.Parse(body.Id);
        string name = PhotoRules.CheckName(body.Name);

        // A client with S3 credentials of its own may have stored anything there.
        UploadedObject uploaded = uploads.Find(user, id, cancellationToken) ?? throw NotUploaded();
        string contentType = PhotoRules.CheckContentType(uploaded.ContentType);
        long size = PhotoRules.CheckSize(uploaded.Size, maxPhotoBytes);

        // Before the metadata is written: a listed photo must never expire.
        if (!uploads.TryKeep(user, id, cancellationToken))
        {
            throw NotUploaded();
        }

        var photo = new Photo(id, name, PhotoRules.FormatDate(clock.GetUtcNow()), size, contentType);
        if (!photos.TryAdd(user, photo, cancellationToken))
        {
            // Missing means that a delete ran in between.
            Photo first = photos.Find(user, id, cancellationToken) ?? throw NotUploaded();
            return Respond(200, user, first);
        }

        // A delete that ran in between may have looked for the metadata before it was there.
        if (uploads.Find(user, id, cancellationToken) is null)
        {
            photos.Delete(user, id, cancellationToken);
            throw NotUploaded();
        }

        return Respond(201, user, photo);
    }

    private ProxyResponse Respond(int status, UserId user, Photo photo) =>
        ProxyResponse.Json(status, PhotoView.Of(photo, urls.Download(user, photo.Id)), WriteJsonContext.Default.PhotoView);

    private static PhotoException NotUploaded() => new(
        PhotoFault.NotUploaded,
        "There is no uploaded object for this id. Request a grant from POST /photos/uploads, upload the photo to its URL, then write it.");
}
