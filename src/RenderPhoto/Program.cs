using Photos.Album;
using Photos.RenderPhoto;
using Photos.Runtime;

if (args is ["decode", string original, string folder])
{
    return DecodeCommand.Run(original, folder);
}

ProcessLimits.HideMemory();
return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    WorkFolder.DeleteLeftovers();
    var storage = new RenderStorage(AlbumSettings.Read(environment), log);
    var renderer = new Renderer(Environment.ProcessPath!, Renderer.TimeLimit, log);
    var handler = new RenderPhotoHandler(storage, renderer, new WorkFolder(), log);
    return new StreamFunction(handler.Handle, log).Invoke;
});
