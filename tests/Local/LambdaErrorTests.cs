using System.Text;
using Photos.Local.Lambda;

namespace Photos.Tests.Local;

public sealed class LambdaErrorTests
{
    [Theory]
    [InlineData("""{"errorType":"Function.NoTable","errorMessage":"No table.","stackTrace":[]}""", "Function.NoTable", "No table.")]
    [InlineData("""{"errorType":null,"errorMessage":null}""", "Runtime.Unknown", "")]
    [InlineData("""{"errorType":"Function.NoTable"}""", "Runtime.Unknown", """{"errorType":"Function.NoTable"}""")]
    [InlineData("""{"errorType":1,"errorMessage":"No table."}""", "Runtime.Unknown", """{"errorType":1,"errorMessage":"No table."}""")]
    [InlineData("[]", "Runtime.Unknown", "[]")]
    [InlineData("No table.", "Runtime.Unknown", "No table.")]
    [InlineData("", "Runtime.Unknown", "")]
    public void AnInitErrorKeepsWhatTheFunctionPosted(string posted, string type, string message) =>
        Assert.Equal(new LambdaError(type, message), LambdaError.FromInitError(Encoding.UTF8.GetBytes(posted)));

    [Theory]
    [InlineData(0, "RequestId: 1 Error: Runtime exited without providing a reason")]
    [InlineData(1, "RequestId: 1 Error: Runtime exited with error: exit status 1")]
    [InlineData(134, "RequestId: 1 Error: Runtime exited with error: signal: aborted")]
    [InlineData(137, "RequestId: 1 Error: Runtime exited with error: signal: killed")]
    [InlineData(139, "RequestId: 1 Error: Runtime exited with error: signal: segmentation fault")]
    public void AnExitHasLambdasMessage(int exitCode, string message) =>
        Assert.Equal(new LambdaError("Runtime.ExitError", message), LambdaError.Exited("1", exitCode));

    [Fact]
    public void AnInitTimeoutHasLambdasMessage() => Assert.Equal(
        new LambdaError("Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 10.00 seconds"),
        LambdaError.InitTimedOut("1", TimeSpan.FromSeconds(10)));
}
