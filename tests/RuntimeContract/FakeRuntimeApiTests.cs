using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Photos.Tests.RuntimeContract;

public sealed class FakeRuntimeApiTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task RecordsTheBytesOfARequestInAnyNumberOfWrites()
    {
        await using var api = new FakeRuntimeApi();
        using Socket socket = Connect(api);
        const string Sent = "POST /2018-06-01/runtime/invocation/7/response HTTP/1.1\r\nx-Odd:  a:b \r\ncontent-length: 5\r\n\r\nhello";
        foreach (char c in Sent)
        {
            socket.Send([(byte)c]);
        }

        HttpRequest request = await api.NextRequestAsync(s_soon);

        Assert.Equal(Sent, Encoding.UTF8.GetString(request.Raw));
        Assert.Equal("POST", request.Method);
        Assert.Equal("/2018-06-01/runtime/invocation/7/response", request.Target);
        Assert.Equal([new("x-Odd", "a:b"), new("content-length", "5")], request.Headers);
        Assert.Equal("hello", request.Text);
        Assert.StartsWith("HTTP/1.1 202 ", Receive(socket, 13), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NextWaitsForItsScriptAndSendsTheBytesUnchanged()
    {
        await using var api = new FakeRuntimeApi();
        using Socket socket = Connect(api);
        socket.Send("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n"u8);
        await api.NextRequestAsync(s_soon);
        Assert.False(socket.Poll(TimeSpan.FromMilliseconds(200), SelectMode.SelectRead));

        api.RespondToNext(new FakeResponse(["no HT"u8.ToArray(), "TP at all"u8.ToArray()], Close: true));

        Assert.Equal("no HTTP at all", Receive(socket, 14));
        Assert.Equal(0, socket.Receive(new byte[1]));
        Assert.Equal(1, api.ConnectionCount);
    }

    [Fact]
    public async Task AcceptsTwoRequestsInOneWriteAndCountsConnections()
    {
        await using var api = new FakeRuntimeApi();
        using Socket first = Connect(api);
        first.Send("POST /error HTTP/1.1\r\n\r\nPOST /response HTTP/1.1\r\n\r\n"u8);
        Assert.Equal("/error", (await api.NextRequestAsync(s_soon)).Target);
        Assert.Equal("/response", (await api.NextRequestAsync(s_soon)).Target);

        using Socket second = Connect(api);
        second.Send("POST /error HTTP/1.1\r\n\r\n"u8);

        Assert.Equal(2, (await api.NextRequestAsync(s_soon)).Connection);
        Assert.Equal(3, api.Requests.Count);
        Assert.Equal(2, api.ConnectionCount);
    }

    [Fact]
    public void AChunkedResponseHasEveryChunkAndTheLastOne()
    {
        string sent = Encoding.ASCII.GetString(FakeResponse.Chunked(200, [], "abcde"u8, 2).Bytes());

        Assert.EndsWith("\r\n\r\n2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\n\r\n", sent, StringComparison.Ordinal);
    }

    private static Socket Connect(FakeRuntimeApi api)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)s_soon.TotalMilliseconds };
        socket.Connect(IPEndPoint.Parse(api.Address));
        return socket;
    }

    private static string Receive(Socket socket, int count)
    {
        byte[] bytes = new byte[count];
        for (int at = 0; at < count;)
        {
            int received = socket.Receive(bytes, at, count - at, SocketFlags.None);
            Assert.NotEqual(0, received);
            at += received;
        }

        return Encoding.UTF8.GetString(bytes);
    }
}
