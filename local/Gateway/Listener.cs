using System.Net;

namespace Photos.Local.Gateway;

/// <summary>The HTTP server. It logs only its own errors, to standard error.</summary>
internal static class Listener
{
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
            kestrel.Limits.MaxRequestBodySize = RestApi.MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Use(next => connection => HalfOpenConnection.KeepAsync(connection, next)));
        });

        WebApplication web = builder.Build();
        web.Run(handler);
        return web;
    }
}
