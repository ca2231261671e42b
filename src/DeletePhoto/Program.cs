using Photos.Album;
using Photos.Api;
using Photos.DeletePhoto;
using Photos.Runtime;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    AlbumSettings settings = AlbumSettings.Read(environment);
    var bucket = new PhotoBucket(settings);
    var table = new PhotoTable(settings, log);
    var handler = new DeletePhotoHandler(table, bucket, TimeProvider.System, log);
    var function = new ProxyFunction(handler.Handle, environment, log);

    // Warm-up: delete a photo that does not exist. A delete would leave a marker in the versioned bucket, so the object is
    // only looked for. The role may not even do that; a refusal opens the connection just as well.
    DateTimeOffset now = TimeProvider.System.GetUtcNow();
    var none = PhotoId.Create(now);
    WarmUp.Run(environment, log, cancellationToken =>
    {
        table.Delete(UserId.WarmUp, none, now, cancellationToken);
        bucket.WarmUp(none, cancellationToken);
    });
    return function.Invoke;
});
