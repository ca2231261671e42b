using System.Net;
using System.Net.Sockets;
using Photos.Local;

namespace Photos.Tests.Local;

/// <summary>The messages when the host cannot start, and when it is ready. These tests start no engine and no function.</summary>
public sealed class LocalHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("photos-host-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task AMissingFunctionIsNamed()
    {
        Build("ListPhotos");

        Assert.Equal(
            $"{Path.Combine(_folder, "WritePhoto", "bootstrap")} is missing. Build the functions with ./build.sh, or give their folder with --functions.",
            await StartAsync(port: 0));
    }

    [Fact]
    public async Task APortThatIsInUseIsNamed()
    {
        Build("ListPhotos", "WritePhoto", "DeletePhoto", "SweepPhoto", "RenderPhoto");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.Equal(
            $"Port {port} on 127.0.0.1 is not available. End the program that uses it, or choose another port with --port (make: PORT=).",
            await StartAsync(port));
    }

    [Theory]
    [InlineData("lots")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1e7")]
    public async Task AMaxPhotoBytesThatIsNotASizeIsNamed(string limit)
    {
        Build("ListPhotos", "WritePhoto", "DeletePhoto", "SweepPhoto", "RenderPhoto");
        string template = Path.Combine(_folder, "template.yaml");
        File.WriteAllText(template, File.ReadAllText(Repository.Template).Replace("Default: \"26214400\"", $"Default: \"{limit}\"", StringComparison.Ordinal));

        Assert.Equal(
            $"The functions' MAX_PHOTO_BYTES is '{limit}', which is not a whole number from 1 up. Correct the default of the template's parameter MaxPhotoBytes.",
            await StartAsync(port: 0, template));
    }

    [Fact]
    public void TheReadyMessageBeginsWithTheAddressAndContainsTheToken()
    {
        string message = ReadyMessage.Create(new Uri("http://127.0.0.1:3000"), "a.b.c");

        Assert.StartsWith("ready http://127.0.0.1:3000\n", message, StringComparison.Ordinal);
        Assert.Contains("\nexport API=http://127.0.0.1:3000\nexport TOKEN='a.b.c'\n", message, StringComparison.Ordinal);
    }

    private void Build(params string[] functions)
    {
        foreach (string function in functions)
        {
            Directory.CreateDirectory(Path.Combine(_folder, function));
            File.WriteAllText(Path.Combine(_folder, function, "bootstrap"), "");
        }
    }

    private async Task<string> StartAsync(int port, string? template = null)
    {
        var options = new LocalHostOptions(port, template ?? Repository.Template, _folder, _folder, IPAddress.Loopback, null, null);

        Task Start() => LocalHost.StartAsync(options, TextWriter.Null, TestContext.Current.CancellationToken);

        return (await Assert.ThrowsAsync<LocalHostException>(Start)).Message;
    }
}
