using Photos.Album;
using Photos.Api;
using Photos.Runtime;

namespace Photos.DeletePhoto;

/// <summary>
/// <c>DELETE /photos/{id}</c>, <c>DELETE /photos?id=</c>, <c>POST /photos/deletions</c> and <c>DELETE /album</c>.
/// </summary>
internal sealed class DeletePhotoHandler(IPhotoDeleter photos, IObjectDeleter objects, TimeProvider clock, FunctionLog log)
{
    private const string DeletionsResource = "/photos/deletions";
    private const string AlbumResource = "/album";

    // Longer than any URL of the grant is valid, so that no upload can follow.
    private static readonly TimeSpan s_tombstoneLifetime = TimeSpan.FromDays(1);

    public ProxyResponse Handle(ProxyRequest request, CancellationToken cancellationToken) =>
        request.Resource switch
        {
            DeletionsResource => DeleteMany(request, cancellationToken),
            AlbumResource => DeleteAll(request.User, cancellationToken),
            _ => DeleteOne(request, cancellationToken),
        };

    private ProxyResponse DeleteOne(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        PhotoId id = PhotoId.Parse(request.PathParameter("id") ?? request.QueryParameter("id"));
        return Delete(user, id, cancellationToken) == PhotoState.None
            ? throw new PhotoException(PhotoFault.NotFound, "There is no photo with this id in your album, so there is nothing to delete.")
            : ProxyResponse.NoContent;
    }

    private ProxyResponse DeleteMany(ProxyRequest request, CancellationToken cancellationToken)
    {
        UserId user = request.User;
        PhotoId[] ids = request.ReadBody(DeletionRequest.Read).ToPhotoIds();
        List<string> deleted = [];
        List<string> notFound = [];
        PhotoException? fault = null;
        int done = 0;
        do
        {
            try
            {
                (Delete(user, ids[done], cancellationToken) == PhotoState.None ? notFound : deleted).Add(ids[done].Value);
                done++;
            }
            catch (PhotoException e) when (done > 0 && e.Fault == PhotoFault.StorageUnavailable)
            {
                fault = e;
            }
        }
        while (fault is null && done < ids.Length && !cancellationToken.IsCancellationRequested);

        if (done < ids.Length)
        {
            log.Write(LogLevel.Warn, $"Only {done} of {ids.Length} photos were reached. The client is told to send the others again.", fault);
        }

        string[] retry = Array.ConvertAll(ids[done..], static id => id.Value);
        return ProxyResponse.Json(200, new DeletionResponse([.. deleted], [.. notFound], retry), DeleteJsonContext.Write);
    }

    private ProxyResponse DeleteAll(UserId user, CancellationToken cancellationToken)
    {
        bool hasDeleted = false;
        try
        {
            foreach (PhotoId id in photos.Undeleted(user, cancellationToken))
            {
                hasDeleted |= Delete(user, id, cancellationToken) == PhotoState.Listed;
            }
        }
        catch (PhotoException e) when (hasDeleted)
        {
            // The time ran out, or the storage is unavailable. A call that has deleted nothing gets 503 instead.
            log.Write(LogLevel.Info, "Photos remain in the album. The client is told to repeat the call.", e);
            return ProxyResponse.Json(202, new DeleteAllResponse(Remaining: true), DeleteJsonContext.Write);
        }

        return ProxyResponse.NoContent;
    }

    /// <returns>The state before, as <see cref="IPhotoDeleter.Delete"/> has it.</returns>
    private PhotoState Delete(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        // The item is the truth: when it has changed, the photo is deleted.
        PhotoState before = photos.Delete(user, id, clock.GetUtcNow() + s_tombstoneLifetime, cancellationToken);
        if (before == PhotoState.Listed)
        {
            DeleteObject(user, id, cancellationToken);
        }

        return before;
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
