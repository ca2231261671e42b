using System.Runtime.Versioning;
using System.Text;
using NetVips;

namespace Photos.Tests.Render;

/// <summary>
/// Lambda is reported to refuse <c>prctl</c>: https://github.com/catboost/catboost/issues/1606. Pictures are rendered all the same.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class RefusedControlTests : IDisposable
{
    /// <summary>Starts a program for which the kernel refuses <c>prctl</c> and <c>seccomp</c>, as a system does that filters its programs' calls.</summary>
    private const string Launcher = """
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        int main(int count, char **arguments) {
          struct sock_filter filter[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 1, 0),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
          };
          struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
          if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
            return 126;
          if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != -1 || errno != EPERM)
            return 125;
          execv(arguments[1], arguments + 1);
          return 127;
        }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly string _launcher;

    public RefusedControlTests()
    {
        _launcher = Path.Combine(_folder.Path, "launcher");
        string source = $"{_launcher}.c";
        File.WriteAllText(source, Launcher);
        CommandLineTool compiled = CommandLineTool.Run("gcc", "-o", _launcher, source);
        Assert.Equal((0, ""), (compiled.ExitCode, compiled.Output));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APictureIsRendered()
    {
        string decoder = Path.Combine(_folder.Path, "decoder");
        File.WriteAllText(decoder, $"#!/bin/sh\nexec '{_launcher}' '{PictureFolder.Binary}' \"$@\"\n");
        File.SetUnixFileMode(decoder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using Image image = Pictures.FourQuarters(60, 40);
        using var folder = new PictureFolder(image.PngsaveBuffer());

        Photos.RenderPhoto.RenderedPicture? picture = folder.Render(decoder);

        Assert.True(picture is not null, folder.Log);
        Assert.Equal((60, 40), (picture.Width, picture.Height));
    }

    [Fact]
    public void TheFunctionStartsAndSaysThatItsMemoryIsNotHidden()
    {
        string log = Path.Combine(_folder.Path, "log");
        using var function = new RunningFunction(
            "RenderPhoto",
            ["/bin/sh", "-c", "exec \"$0\" \"$1\" >>\"$2\"", _launcher, PictureFolder.Binary, log],
            Path.GetDirectoryName(PictureFolder.Binary)!,
            LambdaEnvironment.Create("RenderPhoto", LambdaEnvironment.Unreachable),
            TimeSpan.FromSeconds(10));

        function.Invoke([.. "{\"Records\":[]}"u8]);

        Assert.Equal("{\"batchItemFailures\":[]}", Encoding.UTF8.GetString(function.Response));
        Assert.Contains("\"level\":\"INFO\",\"message\":\"The system refused to hide this process's memory from the decoder.", File.ReadAllText(log), StringComparison.Ordinal);
    }
}
