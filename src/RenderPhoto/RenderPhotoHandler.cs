using System.ComponentModel;
using Photos.Album;
using Photos.Runtime;

namespace Photos.RenderPhoto;

/// <summary>Makes the renditions of a photo that is listed and has none, and removes those of one that is not listed.</summary>
/// <remarks>
/// The renditions are stored before the item names them, on the condition that the photo is still listed. So an item that is ready
/// has both, and whichever of this function and SweepPhoto comes last leaves none of a deleted photo.
/// </remarks>
internal sealed class RenderPhotoHandler(RenderStorage storage, Renderer renderer, WorkFolder folder, FunctionLog log)
{
    /// <inheritdoc cref="ChangeHandler"/>
    public void Handle(UserId user, PhotoId id, bool wasListed, CancellationToken cancellationToken)
    {
        // The record may be late or come twice: the item decides.
        (RenderState state, string? taken) = storage.Look(user, id, cancellationToken);
        switch (state)
        {
            case RenderState.NotListed:
                storage.RemoveRenditions(user, id, cancellationToken);
                break;
            case RenderState.Processing:
                Render(user, id, cancellationToken);
                break;
            case RenderState.Undated:
                storage.Date(user, id, taken, cancellationToken);
                break;
        }
    }

    private void Render(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        using (folder.Create())
        {
            RenderedPicture? picture = storage.Download(user, id, folder.Original, cancellationToken) ? TryRender(id, cancellationToken) : null;
            if (picture is not null)
            {
                storage.Store(user, id, picture, cancellationToken);
            }

            if (!storage.Finish(user, id, picture, cancellationToken))
            {
                storage.RemoveRenditions(user, id, cancellationToken);
            }
        }
    }

    /// <returns><see langword="null"/> if the picture is unsupported.</returns>
    private RenderedPicture? TryRender(PhotoId id, CancellationToken cancellationToken)
    {
        try
        {
            return renderer.Render(folder.Original, folder.Path, cancellationToken);
        }
        catch (Exception e) when (e is IOException or Win32Exception or UnauthorizedAccessException)
        {
            // Not a fault of AWS: a retry would fail again and block the photos that follow.
            log.Write(LogLevel.Error, $"Photo {id} could not be rendered.", e);
            return null;
        }
    }
}
