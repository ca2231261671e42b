using Photos.RenderPhoto;
using Photos.Runtime;

if (args is ["decode", string original, string folder])
{
    return DecodeCommand.Run(original, folder);
}

return LambdaRuntime.Run(Environment.GetEnvironmentVariable, static (environment, log) =>
{
    var renderer = new Renderer(Environment.ProcessPath!, Renderer.TimeLimit, log);
    return (_, _, _) => renderer.Render("", "", CancellationToken.None);
});
