using Album.Http;
using Album.Runtime;
using Album.Storage;
using WritePhoto;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    StorageSettings settings = StorageSettings.Read(environment);
    var table = new PhotoTable(settings);
    var handler = new WritePhotoHandler(
        table,
        table,
        new PhotoBucket(settings),
        new PhotoUrls(settings, TimeProvider.System),
        environment.RequiredCount("MAX_PHOTO_BYTES"),
        TimeProvider.System);
    return new ProxyFunction(handler.HandleAsync, environment.Required("ALLOWED_ORIGIN"), log).InvokeAsync;
});
