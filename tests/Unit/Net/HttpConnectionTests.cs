using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Photos.Net;

namespace Photos.Tests.Unit.Net;

public class HttpConnectionTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMilliseconds(300);
    private static readonly byte[] s_request = "GET / HTTP/1.1\r\n\r\n"u8.ToArray();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AResponseThatDoesNotArriveWithinTheTimeoutFails()
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
    public void AConnectionThatIsNotAcceptedWithinTheTimeoutFails()
    {
        // The listener never accepts. Once its backlog is full, the system drops the first packet of new clients.
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

    [Fact]
    public async Task ATokenThatHasFiredOpensNoConnection()
    {
        await using FakeHttpServer server = Serve(FakeResponse.Http(200, [], "first"u8));
        using HttpConnection connection = ConnectTo(server.Port);

        Assert.Throws<OperationCanceledException>(() => connection.Exchange(s_request, default, new CancellationToken(canceled: true)));

        Assert.Equal(200, connection.Exchange(s_request, default, Cancelled));
        Assert.Equal(1, server.ConnectionCount);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("Connection: close", 2)]
    public async Task AConnectionIsUsedAgainUnlessTheResponseClosesIt(string header, int connections)
    {
        FakeResponse first = FakeResponse.Http(200, header == "" ? [] : [header], "first"u8);
        await using FakeHttpServer server = Serve(first, FakeResponse.Http(201, ["X: y"], "second"u8));
        using HttpConnection connection = ConnectTo(server.Port);

        Assert.Equal(200, connection.Exchange(s_request, default, Cancelled));
        Assert.Equal("first"u8, connection.Body);
        Assert.Null(connection.Header("x"u8));
        Assert.Equal(201, connection.Exchange(s_request, default, Cancelled));
        Assert.Equal("second"u8, connection.Body);
        Assert.Equal("y", connection.Header("x"u8));

        Assert.Equal(connections, server.ConnectionCount);
    }

    [Fact]
    public async Task ABodyEndsWhereThePeerClosesAndTheNextRequestOpensANewConnection()
    {
        var toClose = new FakeResponse(["HTTP/1.1 200 OK\r\n\r\nfir"u8.ToArray(), "st"u8.ToArray()], Close: true);
        await using FakeHttpServer server = Serve(toClose, FakeResponse.Http(200, [], "second"u8));
        using HttpConnection connection = ConnectTo(server.Port);

        connection.Exchange(s_request, default, Cancelled);
        Assert.Equal("first"u8, connection.Body);
        connection.Exchange(s_request, default, Cancelled);
        Assert.Equal("second"u8, connection.Body);

        Assert.Equal(2, server.ConnectionCount);
    }

    [Fact]
    public async Task AFailureTellsWhetherTheResponseHadBegun()
    {
        var cut = new FakeResponse(["H"u8.ToArray()], Close: true);
        await using FakeHttpServer server = Serve(FakeResponse.HangUp, cut, FakeResponse.HangUp);
        using HttpConnection connection = ConnectTo(server.Port);

        foreach (bool began in (bool[])[false, true, false])
        {
            IOException failure = Assert.Throws<EndOfStreamException>(() => connection.Exchange(s_request, default, Cancelled));
            Assert.Equal("The peer closed the connection before the response was complete.", failure.Message);
            Assert.Equal(began, connection.ResponseBegan);
        }
    }

    [Fact]
    public async Task AnInvalidResponseClosesTheConnection()
    {
        await using FakeHttpServer server = Serve(
            new FakeResponse(["HTTP/1.1 200 OK\r\nX : y\r\n\r\n"u8.ToArray()]), FakeResponse.Http(200, [], "second"u8));
        using HttpConnection connection = ConnectTo(server.Port);

        Assert.Throws<IOException>(() => connection.Exchange(s_request, default, Cancelled));
        Assert.Equal(200, connection.Exchange(s_request, default, Cancelled));

        Assert.Equal("second"u8, connection.Body);
        Assert.Equal(2, server.ConnectionCount);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task ARequestArrivesWholeWhateverItsSize(int size)
    {
        byte[] body = new byte[size];
        new Random(1).NextBytes(body);
        byte[] head = Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nContent-Length: {size}\r\n\r\n");
        await using FakeHttpServer server = Serve(FakeResponse.Http(200, [], ""u8));
        using HttpConnection connection = ConnectTo(server.Port);

        connection.Exchange(head, body, Cancelled);

        Assert.Equal((byte[])[.. head, .. body], Assert.Single(server.Requests).Raw);
    }

    private static FakeHttpServer Serve(params FakeResponse[] responses)
    {
        var script = new ConcurrentQueue<FakeResponse>(responses);
        return new FakeHttpServer(
            (_, _) => ValueTask.FromResult(script.TryDequeue(out FakeResponse? response) ? response : FakeResponse.HangUp));
    }

    private static HttpConnection ConnectTo(int port) => new("127.0.0.1", port, trust: null, TimeSpan.FromSeconds(20));

    private static void AssertTimesOut(int port)
    {
        var connection = new HttpConnection("127.0.0.1", port, trust: null, s_timeout);
        long start = Stopwatch.GetTimestamp();

        Assert.ThrowsAny<IOException>(() => connection.Exchange(s_request, default, Cancelled));

        Assert.InRange(Stopwatch.GetElapsedTime(start), s_timeout / 2, 20 * s_timeout);
        connection.Dispose();
    }
}
