using Photos.Album;

namespace Photos.SweepPhoto;

/// <summary>Makes the bucket follow the table: deletes the objects of photos that were deleted or never written.</summary>
internal sealed class SweepPhotoHandler(IPhotoStates photos, IObjectSweeper objects)
{
    /// <inheritdoc cref="ChangeHandler"/>
    public void Handle(UserId user, PhotoId id, bool wasListed, CancellationToken cancellationToken)
    {
        // The record may be late or come twice: the item decides.
        if (photos.StateOf(user, id, cancellationToken) is PhotoState.None or PhotoState.Deleted)
        {
            objects.Sweep(user, id, wasListed, cancellationToken);
        }
    }
}
