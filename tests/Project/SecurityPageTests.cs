using System.Reflection;
using System.Text.RegularExpressions;

namespace Photos.Tests.Project;

public sealed partial class SecurityPageTests
{
    /// <summary><c>SECURITY.md</c> names the tests that prove its claims. Each must exist and run.</summary>
    [Fact]
    public void EveryNamedTestExists()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "SECURITY.md"));
        Type[] types = typeof(SecurityPageTests).Assembly.GetTypes();

        MatchCollection named = Named().Matches(page);

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.NotNull(
            Assert.Single(types, type => type.Name == name.Groups["class"].Value)
                .GetMethod(name.Groups["method"].Value)?.GetCustomAttribute<FactAttribute>()));
    }

    [GeneratedRegex("`(?<class>[A-Z][A-Za-z]*Tests)\\.(?<method>\\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();
}
