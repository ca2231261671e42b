using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Photos.Tests.EndToEnd.Browser;

/// <summary>
/// The API and its bucket, which refuses the first upload with 409 and loses the response to the second one: that upload is
/// stored and gets 500.
/// </summary>
internal sealed class UnreliableBucket : IAsyncDisposable
{
    /// <summary>The statuses of one upload that is repeated until it is known to be stored.</summary>
    public static readonly int[] Retried = [409, 500, 412];

    private const string Conflict = "<Error><Code>ConditionalRequestConflict</Code><Message>A conflicting operation is in progress.</Message></Error>";

    private readonly Uri _target;
    private readonly HttpClient _client = new();
    private readonly WebApplication _web;
    private readonly ConcurrentQueue<int> _uploads = new();
    private string _objectUrl = "";

    /// <param name="target">The API to which the requests are forwarded.</param>
    public UnreliableBucket(Uri target)
    {
        _target = target;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.Run(HandleAsync);
        _web.Start();
    }

    /// <summary>The address that clients use.</summary>
    public string Api => _web.Urls.Single();

    /// <summary>The statuses of the uploads, in order.</summary>
    public IEnumerable<int> Uploads => _uploads;

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        string body = "";
        bool isUpload = HttpMethods.IsPut(context.Request.Method);
        if (isUpload && _uploads.IsEmpty)
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.StatusCode = 409;
            context.Response.Headers.AccessControlAllowOrigin = "*";
            body = Conflict;
        }
        else
        {
            body = await ForwardAsync(context);
            if (isUpload && _uploads.Count == 1)
            {
                Assert.Equal(200, context.Response.StatusCode);
                context.Response.StatusCode = 500;
            }
            else if (context.Request.Path == "/photos/uploads" && context.Response.StatusCode == 201)
            {
                JsonNode grant = JsonNode.Parse(body)!;
                _objectUrl = grant["upload"]!["url"]!.GetValue<string>();
                grant["upload"]!["url"] = $"{Api}/object";
                body = grant.ToJsonString();
            }
        }

        if (isUpload)
        {
            _uploads.Enqueue(context.Response.StatusCode);
        }

        await context.Response.WriteAsync(body);
    }

    private async Task<string> ForwardAsync(HttpContext context)
    {
        using var content = new MemoryStream();
        await context.Request.Body.CopyToAsync(content);
        Uri url = context.Request.Path == "/object" ? new Uri(_objectUrl) : new Uri(_target, context.Request.Path + context.Request.QueryString);
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), url) { Content = new ByteArrayContent(content.ToArray()) };
        foreach ((string name, StringValues value) in context.Request.Headers)
        {
            // The body is read as text.
            if (name is not ("Host" or "Connection" or "Content-Length" or "Expect" or "Accept-Encoding") && !request.Headers.TryAddWithoutValidation(name, [.. value]))
            {
                request.Content.Headers.TryAddWithoutValidation(name, [.. value]);
            }
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        context.Response.StatusCode = (int)response.StatusCode;
        foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
        {
            if (name is not ("Connection" or "Content-Length" or "Keep-Alive" or "Transfer-Encoding"))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }

        return await response.Content.ReadAsStringAsync();
    }
}
