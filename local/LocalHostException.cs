namespace Photos.Local;

/// <summary>Something the person at the keyboard can mend; the message says how.</summary>
internal sealed class LocalHostException(string message) : Exception(message);
