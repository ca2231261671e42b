using System.Buffers;

namespace Album.Photos;

/// <summary>The user an album belongs to: the claim <c>sub</c> of a token that the gateway has checked.</summary>
public readonly record struct UserId
{
    private const int MaxLength = 128;

    // The id is a segment of an object key, so a slash or a dot could leave the user's folder.
    private static readonly SearchValues<char> s_allowed =
        SearchValues.Create("-0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    private UserId(string value) => Value = value;

    /// <summary>The user of the requests that warm a function up; no user pool gives anyone this id.</summary>
    public static UserId Nobody { get; } = new("warm-up");

    /// <summary>1–128 letters, digits, <c>-</c>, <c>_</c> and <c>:</c>.</summary>
    public string Value { get; }

    /// <exception cref="PhotoException"><see cref="PhotoFault.Unauthenticated"/>: there is no such claim, or it is no user id.</exception>
    public static UserId FromSubject(string? subject) =>
        subject is { Length: > 0 and <= MaxLength } && !subject.AsSpan().ContainsAnyExcept(s_allowed)
            ? new UserId(subject)
            : throw new PhotoException(PhotoFault.Unauthenticated, "The request has no user. Sign in and send the ID token in Authorization.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
