using Album.Http;
using Album.Photos;
using Album.Storage;

namespace WritePhoto;

/// <summary><c>POST /photos/uploads</c> and <c>POST /photos</c>.</summary>
internal sealed class WritePhotoHandler(
    IPhotoWriter album, IPhotoFinder photos, IPhotoDeleter undo, IUploadKeeper uploads, PhotoUrls urls, long maxPhotoBytes, TimeProvider clock)
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
        var answer = new UploadAnswer(id.Value, urls.Upload(user, id, contentType, size));
        return ProxyResponse.Json(201, answer, WriteJsonContext.Default.UploadAnswer);
    }

    private ProxyResponse Write(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        WriteRequest body = request.ReadBody(WriteRequest.Read);
        PhotoId id = PhotoId.Parse(body.Id);
        string name = PhotoRules.CheckName(body.Name);

        // An app with its own S3 credentials may have put anything there.
        UploadedObject uploaded = uploads.Find(user, id, cancellationToken) ?? throw NotUploaded();
        string contentType = PhotoRules.CheckContentType(uploaded.ContentType);
        long size = PhotoRules.CheckSize(uploaded.Size, maxPhotoBytes);

        // Before the metadata: a photo that is listed must never be one that expires.
        if (!uploads.TryKeep(user, id, cancellationToken))
        {
            throw NotUploaded();
        }

        var photo = new Photo(id, name, PhotoRules.FormatDate(clock.GetUtcNow()), size, contentType);
        if (!album.TryAdd(user, photo, cancellationToken))
        {
            // Gone again means that a delete came in between.
            Photo first = photos.Find(user, id, cancellationToken) ?? throw NotUploaded();
            return Answer(200, user, first);
        }

        // A delete that came in between may have been done before the metadata was there to delete.
        if (uploads.Find(user, id, cancellationToken) is null)
        {
            undo.Delete(user, id, cancellationToken);
            throw NotUploaded();
        }

        return Answer(201, user, photo);
    }

    private ProxyResponse Answer(int status, UserId user, Photo photo) =>
        ProxyResponse.Json(status, PhotoView.Of(photo, urls.Download(user, photo.Id)), WriteJsonContext.Default.PhotoView);

    private static PhotoException NotUploaded() => new(
        PhotoFault.NotUploaded,
        "There is no uploaded object for this id. Get a grant from POST /photos/uploads, send the photo to its url, then write it.");
}
