using System.Runtime.InteropServices;
using System.Text.Json;
using Photos.Tests.RuntimeContract;

namespace Photos.Tests.Template;

/// <summary><c>make build-FUNCTION</c> as <c>sam build</c> runs it: in place, in parallel, or in a copy of the source tree.
/// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/building-custom-runtimes.html</summary>
[Collection<SerialCollection>]
public sealed class SamBuildTests : IDisposable
{
    private static readonly string[] s_functions =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "Program.cs", SearchOption.AllDirectories)
            .Select(program => Path.GetFileName(Path.GetDirectoryName(program)!)),
    ];

    private static readonly string[] s_artifact = ["amazon-roots.pem", "bootstrap"];

    // RenderPhoto's native libraries, by architecture.
    private static readonly Dictionary<string, string[]> s_pictureArtifact = new()
    {
        ["arm64"] = ["Magick.Native-Q8-arm64.dll.so", "amazon-roots.pem", "bootstrap", "libvips.so.42"],
        ["x86_64"] = ["Magick.Native-Q8-x64.dll.so", "amazon-roots.pem", "bootstrap", "libvips.so.42"],
    };

    private static readonly bool s_isArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnArtifactHoldsTheBinaryTheRootsAndTheLibraries()
    {
        string architecture = s_isArm64 ? "arm64" : "x86_64";

        BuildAll(architecture);

        Assert.All(s_functions, function =>
        {
            string artifact = Path.Combine(_folder.Path, function);
            Assert.Equal(Artifact(function, architecture), FilesOf(artifact));
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(Repository.Functions, function, "bootstrap")),
                File.ReadAllBytes(Path.Combine(artifact, "bootstrap")));
            Assert.All(FilesOf(artifact), file => Assert.Equal(
                file == "bootstrap" ? "755" : "644", CommandLineTool.Run("stat", "-c", "%a", Path.Combine(artifact, file)).Output));
        });
    }

    /// <summary>Without <c>build_in_source</c>, SAM builds in a scratch folder that it deletes.</summary>
    [Fact]
    public void ACopyOfTheSourceTreeBuilds()
    {
        string copy = Directory.CreateDirectory(Path.Combine(_folder.Path, "copy")).FullName;
        string artifact = Directory.CreateDirectory(Path.Combine(_folder.Path, "artifact")).FullName;
        foreach (string file in CommandLineTool.Run("git", "ls-files", "--cached", "--others", "--exclude-standard").Output.Split('\n'))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(copy, file));
        }

        CommandLineTool make = CommandLineTool.Run(
            "make", "-C", copy, "build-DeletePhoto", $"ARTIFACTS_DIR={artifact}", $"SAM_ARCH={(s_isArm64 ? "arm64" : "x86_64")}");

        Assert.True(make.ExitCode == 0, make.Output);
        Assert.Equal(s_artifact, FilesOf(artifact));
        Assert.Contains(Path.Combine(copy, "artifacts", "functions"), make.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void OutsideSamTheTargetNamesTheScriptToUse()
    {
        CommandLineTool make = CommandLineTool.Run("make", "build-ListPhotos", "ARTIFACTS_DIR=");

        Assert.NotEqual(0, make.ExitCode);
        Assert.Contains("use ./build.sh ListPhotos", make.Output, StringComparison.Ordinal);
    }

    /// <summary>arm64 is the template's default. The events are invalid or empty, because a response to a valid one needs libraries that a
    /// machine with an emulator may not have.</summary>
    [Fact]
    public void EveryFunctionRunsOnArm64()
    {
        if (!CanRunArm64())
        {
            Assert.True(
                Environment.GetEnvironmentVariable("CI") != "true",
                "The arm64 binaries cannot be checked. Install these Debian packages: clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user.");
            TestContext.Current.SendDiagnosticMessage("NOT CHECKED: the arm64 cross tools or qemu-aarch64 are not installed.");
            return;
        }

        // It builds two at a time, which takes less time than all at once.
        CommandLineTool build = CommandLineTool.Run(Path.Combine(Repository.Root, "build.sh"), "all", "--arch", "arm64");
        Assert.True(build.ExitCode == 0, build.Output);
        BuildAll("arm64");
        foreach ((string function, string input, string field) in ((string, string, string)[])
        [
            ("ListPhotos", "\"resource\":\"/photos\",\"queryStringParameters\":{\"limit\":\"0\"}", "limit "),
            ("WritePhoto", "\"resource\":\"/photos/uploads\",\"body\":\"{}\"", "name "),
            ("DeletePhoto", "\"resource\":\"/photos/{id}\",\"pathParameters\":{\"id\":\"1\"}", "id "),
        ])
        {
            JsonElement response = InvokeArm64(function, "{" + input + ""","requestContext":{"authorizer":{"claims":{"sub":"alice"}}}}""");

            Assert.Equal(400, response.GetProperty("statusCode").GetInt32());
            Assert.StartsWith($$"""{"message":"{{field}}""", response.GetProperty("body").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal("""{"batchItemFailures":[]}""", InvokeArm64("SweepPhoto", """{"Records":[]}""").GetRawText());
        Assert.All(s_functions, function => Assert.Equal(Artifact(function, "arm64"), FilesOf(Path.Combine(_folder.Path, function))));
        DecodeArm64(HeicFile.Create(["red", "green", "blue", "white"], 2, 64, 128, 100));
        DecodeArm64(File.ReadAllBytes(Path.Combine(Repository.Root, "docs", "album.png")));
    }

    /// <summary>Renders a picture with libvips, or HEIC with libheif.</summary>
    private void DecodeArm64(byte[] picture)
    {
        string original = Path.Combine(_folder.Path, "picture");
        File.WriteAllBytes(original, picture);
        string bootstrap = Path.Combine(_folder.Path, "RenderPhoto", "bootstrap");
        string[] command = [.. s_isArm64 ? [bootstrap] : (string[])["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", bootstrap], "decode", original, _folder.Path];

        // As RenderPhoto starts it. The address range that the garbage collector reserves by default is over the limit.
        CommandLineTool decode = CommandLineTool.Run("env", ["DOTNET_GCHeapHardLimit=4000000", .. command]);

        Assert.True(decode.ExitCode == 0, decode.Output);
        Assert.True(JsonElement.Parse(decode.Output).TryGetProperty("width", out _), decode.Output);
        Assert.Equal("RIFF"u8, File.ReadAllBytes(Path.Combine(_folder.Path, "thumbnail")).AsSpan(0, 4));
    }

    private static string[] Artifact(string function, string architecture) => function == "RenderPhoto" ? s_pictureArtifact[architecture] : s_artifact;

    private JsonElement InvokeArm64(string function, string input)
    {
        string bootstrap = Path.Combine(_folder.Path, function, "bootstrap");
        return PublishedFunction.Invoke(
            function, s_isArm64 ? [bootstrap] : ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", bootstrap], input);
    }

    private static bool CanRunArm64() =>
        s_isArm64
        || (CommandLineTool.Run(Path.Combine(Repository.Root, "local", "check-prerequisites.sh"), "cross-arm64").ExitCode == 0
            && CommandLineTool.Run("qemu-aarch64", "--version").ExitCode == 0);

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private void BuildAll(string architecture) => Assert.All(
        s_functions.AsParallel().WithDegreeOfParallelism(s_functions.Length).Select(function => CommandLineTool.Run(
            "make",
            $"build-{function}",
            $"ARTIFACTS_DIR={Directory.CreateDirectory(Path.Combine(_folder.Path, function)).FullName}",
            $"SAM_ARCH={architecture}")).ToArray(),
        make => Assert.True(make.ExitCode == 0, make.Output));
}
