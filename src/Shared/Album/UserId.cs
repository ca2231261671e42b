using System.Buffers;

namespace Photos.Album;

/// <summary>The owner of an album: the claim <c>sub</c> of a token that API Gateway has verified.</summary>
public readonly record struct UserId
{
    private const int MaxLength = 128;

    // The id is a segment of an object key: a slash or a dot could lead out of the user's folder.
    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("-0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private UserId(string value) => Value = value;

    /// <summary>The reserved user of warm-up requests. No user pool issues this id.</summary>
    public static UserId WarmUp { get; } = new("warm-up");

    /// <summary>1–128 letters, digits, <c>-</c>, <c>_</c> and <c>:</c>.</summary>
    public string Value { get; }

    /// <exception cref="PhotoException"><see cref="PhotoFault.Unauthenticated"/>: the claim is missing or is not a user id.</exception>
    public static UserId FromSubject(string? subject) =>
        TryParse(subject, out UserId user)
            ? user
            : throw new PhotoException(PhotoFault.Unauthenticated, "The request has no user. Sign in and send the ID token in Authorization.");

    /// <summary>Reads a user id.</summary>
    public static bool TryParse(string? text, out UserId user)
    {
        bool valid = text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(s_allowed);
        user = valid ? new UserId(text!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
