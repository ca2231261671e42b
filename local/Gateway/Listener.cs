using System.Net;

namespace Photos.Local.Gateway;

/// <summary>The HTTP server. It logs nothing but its own errors, to standard error.</summary>
internal static class Listener
{
    /// <param name="handler">Answers every request.</param>
    /// <param name="port">On 127.0.0.1 only; 0 for any that is free.</param>
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
            kestrel.Listen(IPAddress.Loopback, port);
        });

        WebApplication web = builder.Build();
        web.Run(handler);
        return web;
    }
}
