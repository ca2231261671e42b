using Photos.Album;
using Photos.RenderPhoto;
using Photos.Runtime;

if (args is ["decode", string original, string folder])
{
    return DecodeCommand.Run(original, folder);
}

bool isHidden = ProcessLimits.HideMemory();
return LambdaRuntime.Run(Environment.GetEnvironmentVariable, (environment, log) =>
{
    if (!isHidden)
    {
        log.Write(LogLevel.Info, "The system refused to hide this process's memory from the decoder. docs/rendering.md says what this means.");
    }

    WorkFolder.DeleteLeftovers();
    var storage = new RenderStorage(AlbumSettings.Read(environment), log);
    var renderer = new Renderer(Environment.ProcessPath!, Renderer.TimeLimit, log);
    var handler = new RenderPhotoHandler(storage, renderer, new WorkFolder(), log);
    return new StreamFunction(handler.Handle, log).Invoke;
});
