namespace Photos.Local;

/// <summary>A problem that the user can fix; the message says how.</summary>
internal sealed class LocalHostException(string message) : Exception(message);
