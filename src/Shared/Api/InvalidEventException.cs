namespace Photos.Api;

/// <summary>An event is not an API Gateway REST proxy event. No client of the API can cause it.</summary>
/// <param name="problem">A sentence that says what the event is instead. It must not quote the event.</param>
public sealed class InvalidEventException(string problem)
    : Exception($"{problem} The functions take API Gateway REST proxy events. Call them through their API.");
