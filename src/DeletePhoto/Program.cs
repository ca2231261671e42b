using Album.Http;
using Album.Photos;
using Album.Runtime;
using Album.Storage;
using DeletePhoto;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    StorageSettings settings = StorageSettings.Read(environment);
    var bucket = new PhotoBucket(settings);
    var table = new PhotoTable(settings);
    var handler = new DeletePhotoHandler(bucket, table);
    var function = new ProxyFunction(handler.Handle, environment, log);

    // A photo that nobody has. A delete would leave a marker in the versioned bucket, so the object is only looked at; that
    // the role may not even do so makes no difference to the connection.
    var none = PhotoId.Create(TimeProvider.System.GetUtcNow());
    WarmUp.Run(environment, log, cancellationToken =>
    {
        table.Delete(UserId.Nobody, none, cancellationToken);
        bucket.WarmUp(none, cancellationToken);
    });
    return function.Invoke;
});
