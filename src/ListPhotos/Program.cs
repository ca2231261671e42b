using Album.Http;
using Album.Runtime;
using Album.Storage;
using ListPhotos;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    StorageSettings settings = StorageSettings.Read(environment);
    var table = new PhotoTable(settings);
    var handler = new ListPhotosHandler(table, table, new PhotoUrls(settings, TimeProvider.System));
    return new ProxyFunction(handler.HandleAsync, environment.Required("ALLOWED_ORIGIN"), log).InvokeAsync;
});
