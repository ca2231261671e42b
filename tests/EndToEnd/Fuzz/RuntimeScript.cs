namespace Photos.Tests.EndToEnd.Fuzz;

/// <summary>The responses of a Runtime API to one client, byte for byte.</summary>
/// <param name="Next">The response to the first request for an invocation, in as many writes as it has pieces.</param>
/// <param name="Post">The response to every response or error of the client.</param>
/// <param name="Closes">Whether the connection ends after each response.</param>
internal sealed record RuntimeScript(byte[][] Next, byte[] Post, bool Closes);
