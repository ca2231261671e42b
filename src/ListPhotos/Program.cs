using Album.Http;
using Album.Runtime;
using Album.Storage;
using ListPhotos;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    StorageSettings settings = StorageSettings.Read(environment);
    var table = new PhotoTable(settings);
    var handler = new ListPhotosHandler(table, table, new PhotoUrls(settings, TimeProvider.System));
    var function = new ProxyFunction(handler.Handle, environment, log);

    // A page of nobody's album.
    WarmUp.Run(environment, log, cancellationToken => function.WarmUp(
        """{"resource":"/photos","requestContext":{"authorizer":{"claims":{"sub":"warm-up"}}}}"""u8.ToArray(), cancellationToken));
    return function.Invoke;
});
