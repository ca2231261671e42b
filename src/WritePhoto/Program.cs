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

    // Warm-up: sign a grant for a reserved user, and write a photo that does not exist.
    DateTimeOffset now = TimeProvider.System.GetUtcNow();
    var none = PhotoId.Create(now);
    WarmUp.Run(environment, log, cancellationToken =>
    {
        urls.Upload(UserId.WarmUp, none, "image/jpeg", 1);
        table.Write(UserId.WarmUp, none, "a", new UploadedObject(1, "image/jpeg"), now, cancellationToken);
        function.WarmUp(
            """{"resource":"/photos","body":"{\"id\":\"0190a3c2-5f1e-7c4b-9d3a-2b1f0e6d8c7a\"}","requestContext":{"authorizer":{"claims":{"sub":"warm-up"}}}}"""u8.ToArray(),
            cancellationToken);
    });
    return function.Invoke;
});
