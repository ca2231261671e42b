using Photos.Album;
using Photos.Api;
using Photos.ListPhotos;
using Photos.Runtime;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    AlbumSettings settings = AlbumSettings.Read(environment);
    var handler = new ListPhotosHandler(new PhotoTable(settings, log), new PhotoUrls(settings, TimeProvider.System));
    var function = new ProxyFunction(handler.Handle, environment, log);

    // Warm-up: list a reserved user's empty album.
    WarmUp.Run(environment, log, cancellationToken => function.WarmUp(
        """{"resource":"/photos","requestContext":{"authorizer":{"claims":{"sub":"warm-up"}}}}"""u8.ToArray(), cancellationToken));
    return function.Invoke;
});
