using System.Buffers;
using System.Globalization;
using System.Text;
using Photos.Net;

namespace Photos.Runtime;

/// <summary>A client of the Lambda Runtime API. It makes all calls over one connection.</summary>
/// <remarks>https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html</remarks>
internal sealed class RuntimeApiClient : IDisposable
{
    private const string AddressVariable = "AWS_LAMBDA_RUNTIME_API";
    private const string InvocationIdHeader = "Lambda-Runtime-Invocation-Id";
    private const string ErrorTypeHeader = "Lambda-Runtime-Function-Error-Type";

    private static readonly SearchValues<char> s_idCharacters =
        SearchValues.Create("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly string _address;
    private readonly string _base;
    private readonly HttpConnection _connection;
    private readonly CancellationTokenSource _aborted = new();
    private readonly string _commonHeaders;
    private readonly byte[] _nextRequest;

    private RuntimeApiClient(string host, int port, string path)
    {
        _address = $"{host}:{port.ToString(CultureInfo.InvariantCulture)}";
        _base = $"{path}/2018-06-01/runtime";
        _connection = new HttpConnection(host, port, trust: null, timeout: null);
        _commonHeaders = $"Host: {_address}\r\nUser-Agent: photos-lambda-runtime/1.0 dotnet/{Environment.Version}\r\n";
        _nextRequest = Encoding.ASCII.GetBytes($"GET {_base}/invocation/next HTTP/1.1\r\n{_commonHeaders}\r\n");
    }

    /// <summary>
    /// Creates a client of the API at <c>host:port</c>. AWS's test tool for .NET adds a path, which the paths of the API follow.
    /// </summary>
    /// <exception cref="FunctionEnvironmentException">The address is missing or not <c>host:port</c>, with or without a path.</exception>
    public static RuntimeApiClient Create(FunctionEnvironment environment)
    {
        string address = environment.Required(AddressVariable);
        int slash = address.IndexOf('/', StringComparison.Ordinal);
        string path = slash < 0 ? "" : address[slash..].TrimEnd('/');
        string authority = slash < 0 ? address : address[..slash];
        int colon = authority.LastIndexOf(':');
        return colon > 0
            && ushort.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            && !path.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? new RuntimeApiClient(authority[..colon], port, path)
            : throw new FunctionEnvironmentException(AddressVariable, "must be host:port, and may have a path after it");
    }

    /// <summary>Waits for the next invocation without a time limit.</summary>
    /// <exception cref="RuntimeApiException">The response is not an invocation.</exception>
    public Invocation Next()
    {
        int status = Exchange(_nextRequest, default);
        if (status != 200)
        {
            throw new RuntimeApiException($"The Runtime API responded {status} to the request for the next invocation.");
        }

        return new Invocation
        {
            RequestId = RequestId(),
            InvocationId = InvocationId(),
            Payload = _connection.Body,
            Deadline = Deadline(),
            FunctionArn = _connection.Header("lambda-runtime-invoked-function-arn"u8),
            TraceId = _connection.Header("lambda-runtime-trace-id"u8),
            ClientContext = _connection.Header("lambda-runtime-client-context"u8),
            CognitoIdentity = _connection.Header("lambda-runtime-cognito-identity"u8),
            TenantId = _connection.Header("lambda-runtime-aws-tenant-id"u8),
        };
    }

    /// <returns>The status; 202 when Lambda has accepted the response.</returns>
    public int PostResponse(Invocation invocation, ReadOnlySpan<byte> response) =>
        Post($"/invocation/{invocation.RequestId}/response", $"Content-Type: application/json\r\n{InvocationHeader(invocation)}", response);

    /// <returns>The status; 202 when Lambda has accepted the error.</returns>
    public int PostError(Invocation invocation, FunctionError error) =>
        Post($"/invocation/{invocation.RequestId}/error", ErrorHeaders(error) + InvocationHeader(invocation), error.ToJson());

    /// <summary>Allowed only before the first <see cref="Next"/>.</summary>
    /// <returns>The status; 202 when Lambda has accepted the error.</returns>
    public int PostInitError(FunctionError error) => Post("/init/error", ErrorHeaders(error), error.ToJson());

    /// <summary>Aborts a <see cref="Next"/> that waits on another thread, which then throws.</summary>
    public void Abort() => _aborted.Cancel();

    public void Dispose()
    {
        _connection.Dispose();
        _aborted.Dispose();
    }

    private static string ErrorHeaders(FunctionError error) =>
        $"Content-Type: application/vnd.aws.lambda.error+json\r\n{ErrorTypeHeader}: {error.HeaderValue}\r\n";

    private static string InvocationHeader(Invocation invocation) =>
        invocation.InvocationId is null ? "" : $"{InvocationIdHeader}: {invocation.InvocationId}\r\n";

    private int Post(string path, string headers, ReadOnlySpan<byte> body)
    {
        string head = $"POST {_base}{path} HTTP/1.1\r\n{_commonHeaders}{headers}Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n";
        return Exchange(Encoding.ASCII.GetBytes(head), body);
    }

    private int Exchange(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        for (bool again = false; ; again = true)
        {
            try
            {
                return _connection.Exchange(head, body, _aborted.Token);
            }
            catch (IOException) when (!again && !_connection.ResponseBegan)
            {
                // The connection was closed while it was idle. Open it again, once.
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                throw new RuntimeApiException($"The connection to the Runtime API at {_address} failed: {e.Message}", e);
            }
        }
    }

    private string RequestId()
    {
        // It becomes part of a request line, so only letters, digits and dashes are accepted.
        string? id = _connection.Header("lambda-runtime-aws-request-id"u8);
        return id is not null && !id.AsSpan().ContainsAnyExcept(s_idCharacters)
            ? id
            : throw new RuntimeApiException("The Runtime API delivered an invocation without a valid request id.");
    }

    private string? InvocationId()
    {
        // It is sent back as it came, but only if it fits a header.
        string? id = _connection.Header("lambda-runtime-invocation-id"u8);
        return string.IsNullOrEmpty(id) || id.AsSpan().ContainsAnyExceptInRange('!', '~') ? null : id;
    }

    private DateTimeOffset? Deadline() =>
        long.TryParse(_connection.Header("lambda-runtime-deadline-ms"u8), NumberStyles.None, CultureInfo.InvariantCulture, out long ms)
            && ms <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;
}
