using Photos.Album;
using Photos.Api;
using Photos.Runtime;
using Photos.WritePhoto;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    AlbumSettings settings = AlbumSettings.Read(environment);
    var table = new PhotoTable(settings, log);
    var bucket = new PhotoBucket(settings);
    var urls = new PhotoUrls(settings, TimeProvider.System);
    var handler = new WritePhotoHandler(table, bucket, urls, environment.RequiredCount("MAX_PHOTO_BYTES"), TimeProvider.System);
    var function = new ProxyFunction(handler.Handle, environment, log);

    // Warm-up: grant an upload to a reserved user, and write a photo that does not exist.
    var none = PhotoId.Create(TimeProvider.System.GetUtcNow());
    WarmUp.Run(environment, log, cancellationToken =>
    {
        function.WarmUp(
            """{"resource":"/photos/uploads","body":"{\"name\":\"a\",\"contentType\":\"image/jpeg\",\"size\":1}","requestContext":{"authorizer":{"claims":{"sub":"warm-up"}}}}"""u8.ToArray(),
            cancellationToken);
        bucket.TryKeep(UserId.WarmUp, none, cancellationToken);
        table.WarmUp(none, cancellationToken);
    });
    return function.Invoke;
});
