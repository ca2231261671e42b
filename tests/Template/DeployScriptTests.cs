using System.Runtime.Versioning;

namespace Photos.Tests.Template;

/// <summary><c>sam build</c> and <c>make deploy</c> build for the architecture that <c>samconfig.toml</c> deploys. The scripts run
/// in a folder whose <c>build.sh</c> and <c>sam</c> write files that look like binaries, and record how they were called.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DeployScriptTests : IDisposable
{
    // The offset and the values of the byte that identifies the processor in an ELF header.
    private const int Machine = 18;
    private const byte X64 = 0x3e;
    private const byte Arm64 = 0xb7;

    private readonly TemporaryFolder _folder = new();

    public DeployScriptTests()
    {
        foreach (string file in (string[])["Makefile", "deploy.sh", "samconfig.toml", "template.yaml"])
        {
            File.Copy(Path.Combine(Repository.Root, file), PathOf(file));
        }

        Write("src/ListPhotos/Program.cs", "");
        Write("src/DeletePhoto/Program.cs", "");
        Write("src/Shared/file", "");
        Write("local/engine", "");
        Write("bench/engine", "");
        Write("harness/engine", "");
        WriteScript("build.sh", """
            echo "build.sh $*" >>calls
            function=$1 arch=$3
            mkdir -p artifacts/functions/$arch/$function
            cd artifacts/functions/$arch/$function
            case $arch in x86_64) machine='\076' ;; arm64) machine='\267' ;; esac
            printf "ELF456789012345678$machine" >bootstrap
            echo root >amazon-roots.pem
            """);
        WriteScript("bin/sam", """
            echo "sam $*" >>calls
            [ "$1" = build ] || exit 0
            architecture=arm64
            for argument; do [[ $argument != Architecture=* ]] || architecture=${argument#*=}; done
            mkdir -p .aws-sam
            printf '[function_build_definitions.0]\nruntime = "provided.al2023"\narchitecture = "%s"\n' "$architecture" >.aws-sam/build.toml
            for function in ListPhotos DeletePhoto; do
                mkdir -p .aws-sam/build/$function
                make --silent build-$function ARTIFACTS_DIR=$PWD/.aws-sam/build/$function
            done
            """);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary><c>sam deploy</c> takes the architecture from samconfig.toml, whose deploy settings <c>sam build</c> does not
    /// read.</summary>
    [Theory]
    [InlineData("sam build", Arm64)]
    [InlineData("export ARCH=x86_64; sam build", Arm64)]
    [InlineData("export ARCH=x86_64; sam build --parameter-overrides Architecture=arm64", Arm64)]
    [InlineData("""sed -i.bak 's/"Architecture=arm64"/"Architecture=x86_64"/' samconfig.toml; sam build""", X64)]
    [InlineData("SAM_ARCH=x86_64 sam build --parameter-overrides Architecture=x86_64", X64)]
    public void SamBuildBuildsForTheArchitectureOfSamConfig(string command, byte machine)
    {
        CommandLineTool build = Run(command);

        Assert.True(build.ExitCode == 0, build.Output);
        Assert.Equal(machine, MachineOf("ListPhotos"));
    }

    [Fact]
    public void SamBuildFailsIfItIsGivenAnotherArchitecture()
    {
        CommandLineTool build = Run("sam build --parameter-overrides Architecture=x86_64");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("sam build was given Architecture=x86_64, but this build is for arm64. Set Architecture in samconfig.toml instead.", build.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf(".aws-sam/build/ListPhotos/bootstrap")));
    }

    /// <summary>A SAM_ARCH that is still exported from sam local does not change what the next deployment ships.</summary>
    [Fact]
    public void SamBuildFailsIfOnlySamArchNamesTheArchitecture()
    {
        CommandLineTool build = Run("export SAM_ARCH=x86_64; sam build");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("sam build is for Architecture=arm64, but SAM_ARCH=x86_64 is set. To deploy, unset SAM_ARCH.", build.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf(".aws-sam/build/ListPhotos/bootstrap")));
    }

    [Fact]
    public void SamBuildFailsIfTheStagesHaveDifferentArchitectures()
    {
        CommandLineTool build = Run("""sed -i.bak '0,/"Architecture=arm64"/s//"Architecture=x86_64"/' samconfig.toml; sam build""");

        Assert.NotEqual(0, build.ExitCode);
        Assert.Contains("Use make deploy STAGE=prod, or set SAM_ARCH for sam build.", build.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dev")]
    [InlineData("prod")]
    public void OneCommandBuildsChecksAndDeploysAStage(string stage)
    {
        CommandLineTool deploy = Run($"export ARCH=x86_64 SAM_ARCH=x86_64; make deploy STAGE={stage} ARGS=--no-confirm-changeset");

        Assert.True(deploy.ExitCode == 0, deploy.Output);
        Assert.Equal(Arm64, MachineOf("ListPhotos"));
        Assert.Equal(
            [
                "sam build --parameter-overrides Architecture=arm64",
                "build.sh ListPhotos --arch arm64",
                "build.sh DeletePhoto --arch arm64",
                $"sam deploy --config-env {stage} --no-confirm-changeset",
            ],
            Calls);
    }

    [Fact]
    public void EachStageMayHaveItsOwnArchitecture()
    {
        Run("""awk '/^\[prod/ { prod = 1 } prod { sub("Architecture=arm64", "Architecture=x86_64") } 1' samconfig.toml >new && mv new samconfig.toml""");

        Assert.Equal(0, Run("make deploy STAGE=prod").ExitCode);
        Assert.Equal(X64, MachineOf("DeletePhoto"));
        Assert.Equal(0, Run("make deploy STAGE=dev").ExitCode);
        Assert.Equal(Arm64, MachineOf("DeletePhoto"));
    }

    [Fact]
    public void ABinaryForAnotherProcessorIsNotDeployed()
    {
        WriteScript("bin/sam", """
            echo "sam $*" >>calls
            mkdir -p .aws-sam/build/ListPhotos .aws-sam/build/DeletePhoto
            printf 'ELF456789012345678\267' >.aws-sam/build/ListPhotos/bootstrap
            printf 'ELF456789012345678\076' >.aws-sam/build/DeletePhoto/bootstrap
            """);

        CommandLineTool deploy = Run("make deploy STAGE=prod");

        Assert.NotEqual(0, deploy.ExitCode);
        Assert.Contains(
            ".aws-sam/build/DeletePhoto/bootstrap is not a binary for arm64, which samconfig.toml sets for prod. Nothing was deployed.",
            deploy.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain(Calls, call => call.StartsWith("sam deploy", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("make deploy", "usage: ./deploy.sh STAGE")]
    [InlineData("make deploy STAGE=staging", "samconfig.toml does not set Architecture to arm64 or x86_64 in [staging.deploy.parameters].")]
    [InlineData("make deploy STAGE=dev ARGS='--parameter-overrides Architecture=x86_64'", "Set Architecture in samconfig.toml")]
    public void AWrongCallSaysWhatToDo(string command, string message)
    {
        CommandLineTool deploy = Run(command);

        Assert.NotEqual(0, deploy.ExitCode);
        Assert.Contains(message, deploy.Output, StringComparison.Ordinal);
        Assert.Empty(Calls);
    }

    /// <summary>Lambda runs the binary as a user of its own.</summary>
    [Theory]
    [InlineData("077")]
    [InlineData("000")]
    public void EveryUserMayRunTheArtifactWhateverTheUmask(string umask)
    {
        CommandLineTool build = Run($"umask {umask}; sam build");

        Assert.True(build.ExitCode == 0, build.Output);
        Assert.Equal("rwxr-xr-x", ModeOf("bootstrap"));
        Assert.Equal("rw-r--r--", ModeOf("amazon-roots.pem"));
    }

    private string[] Calls => File.Exists(PathOf("calls")) ? File.ReadAllLines(PathOf("calls")) : [];

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private byte MachineOf(string function) => File.ReadAllBytes(PathOf($".aws-sam/build/{function}/bootstrap"))[Machine];

    private string ModeOf(string file)
    {
        UnixFileMode mode = File.GetUnixFileMode(PathOf($".aws-sam/build/ListPhotos/{file}"));
        return string.Concat("rwxrwxrwx".Select((letter, bit) => ((int)mode & (0x100 >> bit)) != 0 ? letter : '-'));
    }

    private CommandLineTool Run(string command) => CommandLineTool.Run(
        "bash", "-c", $"unset MAKEFLAGS SAM_ARCH; cd '{_folder.Path}' && export PATH=\"$PWD/bin:$PATH\" && {command}");

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
    }

    private void WriteScript(string file, string text)
    {
        Write(file, $"#!/usr/bin/env bash\nset -euo pipefail\n{text}\n");
        File.SetUnixFileMode(PathOf(file), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
