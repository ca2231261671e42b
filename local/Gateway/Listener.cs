using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Photos.Local.Gateway;

/// <summary>The HTTP server. It logs only its own errors, to standard error.</summary>
internal static class Listener
{
    /// <summary>Longer than the gateway waits for a function.</summary>
    private static readonly TimeSpan s_halfOpen = TimeSpan.FromSeconds(30);

    /// <param name="handler">Handles every request.</param>
    /// <param name="port">The port on 127.0.0.1; 0 chooses a free one.</param>
    public static WebApplication Create(RequestDelegate handler, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddFilter((category, level) =>
                level >= LogLevel.Error && category?.StartsWith("Microsoft.AspNetCore.", StringComparison.Ordinal) == true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RestApi.MaxEventBytes;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Use(KeepHalfOpenAsync));
        });

        WebApplication web = builder.Build();
        web.Run(handler);
        return web;
    }

    /// <summary>A client may close its half of the connection before it has the response, which Kestrel takes for a disconnect.</summary>
    private static async Task KeepHalfOpenAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using var closed = new CancellationTokenSource();
        await using CancellationTokenRegistration registration = connection.ConnectionClosed.Register(() => closed.CancelAfter(s_halfOpen));
        connection.ConnectionClosed = closed.Token;
        await next(connection);
    }
}
