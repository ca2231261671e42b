using Album.Http;
using Album.Photos;
using Album.Storage;

namespace DeletePhoto;

/// <summary><c>DELETE /photos/{id}</c> and <c>DELETE /photos?id=</c>.</summary>
internal sealed class DeletePhotoHandler(IObjectDeleter objects, IPhotoDeleter album)
{
    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        PhotoId id = PhotoId.Parse(request.PathParameter("id") ?? request.QueryParameter("id"));

        // The object first: a failure in between leaves a photo that is listed and can be deleted again, never an object
        // that nobody can find.
        objects.Delete(user, id, cancellationToken);
        return album.Delete(user, id, cancellationToken)
            ? ProxyResponse.NoContent
            : throw new PhotoException(PhotoFault.NotFound, "There is no photo with this id in your album. Nothing is left to delete.");
    }
}
