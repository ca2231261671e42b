namespace Album.Local;

/// <summary>Something only the person at the keyboard can put right; the message says how, in one line.</summary>
internal sealed class LocalHostException(string message) : Exception(message);
