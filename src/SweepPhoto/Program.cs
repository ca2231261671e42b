using Photos.Album;
using Photos.Runtime;
using Photos.SweepPhoto;

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    AlbumSettings settings = AlbumSettings.Read(environment);
    var handler = new SweepPhotoHandler(new PhotoTable(settings, log), new PhotoBucket(settings));
    return new StreamFunction(handler.Handle, log).Invoke;
});
