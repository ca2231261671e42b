using Album.Http;
using Album.Photos;
using Album.Runtime;
using Album.Storage;
using WritePhoto;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    StorageSettings settings = StorageSettings.Read(environment);
    var table = new PhotoTable(settings);
    var bucket = new PhotoBucket(settings);
    var handler = new WritePhotoHandler(
        table,
        table,
        table,
        bucket,
        new PhotoUrls(settings, TimeProvider.System),
        environment.RequiredCount("MAX_PHOTO_BYTES"),
        TimeProvider.System);
    var function = new ProxyFunction(handler.Handle, environment, log);

    // A grant that nobody gets, and a photo that nobody has.
    var none = PhotoId.Create(TimeProvider.System.GetUtcNow());
    WarmUp.Run(environment, log, cancellationToken =>
    {
        function.WarmUp(
            """{"resource":"/photos/uploads","body":"{\"name\":\"a\",\"contentType\":\"image/jpeg\",\"size\":1}","requestContext":{"authorizer":{"claims":{"sub":"warm-up"}}}}"""u8.ToArray(),
            cancellationToken);
        bucket.TryKeep(UserId.Nobody, none, cancellationToken);
        table.WarmUp(none, cancellationToken);
    });
    return function.Invoke;
});
