using Photos.Album;
using Photos.Api;

namespace Photos.DeletePhoto;

/// <summary><c>DELETE /photos/{id}</c> and <c>DELETE /photos?id=</c>.</summary>
internal sealed class DeletePhotoHandler(IPhotoDeleter photos, IObjectDeleter objects)
{
    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        PhotoId id = PhotoId.Parse(request.PathParameter("id") ?? request.QueryParameter("id"));

        // The object first: a failure in between leaves a listed photo that can be deleted again, never an object without an
        // item.
        objects.Delete(user, id, cancellationToken);
        return photos.Delete(user, id, cancellationToken)
            ? ProxyResponse.NoContent
            : throw new PhotoException(PhotoFault.NotFound, "There is no photo with this id in your album, so there is nothing to delete.");
    }
}
