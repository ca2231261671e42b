using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

public class HttpConnectionTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(300);
    private static readonly byte[] s_request = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();

    [Fact]
    public async Task AnAnswerThatDoesNotComeInTimeIsAFailure()
    {
        await using var server = new FakeHttpServer(async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return FakeResponse.HangUp;
        });

        AssertTimesOut(server.Port);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void AConnectionThatIsNotAcceptedInTimeIsAFailure()
    {
        // Nobody accepts, so beyond the backlog the system leaves a client's first packet unanswered.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        Socket[] waiting = [.. Enumerable.Range(0, 8).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp) { Blocking = false })];
        foreach (Socket client in waiting)
        {
            Assert.Equal(SocketError.WouldBlock, Assert.Throws<SocketException>(() => client.Connect(address)).SocketErrorCode);
        }

        AssertTimesOut(address.Port);
        Array.ForEach(waiting, client => client.Dispose());
    }

    private static void AssertTimesOut(int port)
    {
        var connection = new HttpConnection("127.0.0.1", port, trust: null, s_timeout);
        long start = Stopwatch.GetTimestamp();

        Assert.ThrowsAny<IOException>(() => connection.Exchange(s_request, default, TestContext.Current.CancellationToken));

        Assert.InRange(Stopwatch.GetElapsedTime(start), s_timeout / 2, 20 * s_timeout);
        connection.Dispose();
    }
}
