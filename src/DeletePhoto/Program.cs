using Album.Http;
using Album.Runtime;
using Album.Storage;
using DeletePhoto;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    StorageSettings settings = StorageSettings.Read(environment);
    var handler = new DeletePhotoHandler(new PhotoBucket(settings), new PhotoTable(settings));
    return new ProxyFunction(handler.HandleAsync, environment.Required("ALLOWED_ORIGIN"), log).InvokeAsync;
});
