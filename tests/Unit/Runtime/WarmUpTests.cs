using System.Text;
using Photos.Runtime;

namespace Photos.Tests.Unit.Runtime;

public sealed class WarmUpTests : IDisposable
{
    private readonly MemoryStream _logged = new();

    [Theory]
    [InlineData(null, 1)]
    [InlineData("on", 1)]
    [InlineData("off", 0)]
    public void WarmUpRunsUnlessSwitchedOff(string? value, int expected)
    {
        int sent = 0;

        Run(value, "INFO", _ => sent++);

        Assert.Equal(expected, sent);
    }

    [Fact]
    public void AnInvalidSwitchIsNamed()
    {
        FunctionEnvironmentException wrong = Assert.Throws<FunctionEnvironmentException>(() => Run("maybe", "INFO", _ => { }));

        Assert.Contains("PHOTOS_WARMUP", wrong.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DEBUG", true)]
    [InlineData("INFO", false)]
    public void AFailureIsOnlyLogged(string level, bool logged)
    {
        Run(null, level, _ => throw new IOException("the network is away"));

        Assert.Equal(logged, Encoding.UTF8.GetString(_logged.ToArray()).Contains("the network is away", StringComparison.Ordinal));
    }

    [Fact]
    public void AHangingRequestIsCancelled() => Run(null, "INFO", token =>
    {
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
    });

    public void Dispose() => _logged.Dispose();

    private void Run(string? warmUp, string level, Action<CancellationToken> send)
    {
        var environment = new FunctionEnvironment(name => name switch
        {
            "PHOTOS_WARMUP" => warmUp,
            "AWS_LAMBDA_LOG_LEVEL" => level,
            _ => null,
        });
        WarmUp.Run(environment, FunctionLog.Create(environment, _logged), send);
    }
}
