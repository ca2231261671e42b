using Photos.Album;
using Photos.Api;
using Photos.Runtime;

namespace Photos.DeletePhoto;

/// <summary><c>DELETE /photos/{id}</c> and <c>DELETE /photos?id=</c>.</summary>
internal sealed class DeletePhotoHandler(IPhotoDeleter photos, IObjectDeleter objects, TimeProvider clock, FunctionLog log)
{
    // Longer than any URL of the grant is valid, so that no upload can follow.
    private static readonly TimeSpan s_tombstoneLifetime = TimeSpan.FromDays(1);

    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        PhotoId id = PhotoId.Parse(request.PathParameter("id") ?? request.QueryParameter("id"));

        // The item is the truth: when it has changed, the photo is deleted.
        switch (photos.Delete(user, id, clock.GetUtcNow() + s_tombstoneLifetime, cancellationToken))
        {
            case PhotoState.None:
                throw new PhotoException(PhotoFault.NotFound, "There is no photo with this id in your album, so there is nothing to delete.");
            case PhotoState.Listed:
                DeleteObject(user, id, cancellationToken);
                break;
        }

        return ProxyResponse.NoContent;
    }

    private void DeleteObject(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        try
        {
            objects.Delete(user, id, cancellationToken);
        }
        catch (Exception e)
        {
            // SweepPhoto deletes the object when it receives the change of the item.
            log.Write(LogLevel.Warn, $"The object of photo {id} could not be deleted. SweepPhoto will delete it.", e);
        }
    }
}
