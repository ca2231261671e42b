using System.Text.Json;

namespace Photos.Tests.RuntimeContract;

/// <summary>The build property <c>-p:LambdaRuntime=RuntimeSupport</c>, whose packages are not on every feed.</summary>
public sealed class RuntimeSupportSwitchTests
{
    [Fact]
    public void TheDefaultBuildRestoresNoneOfItsPackages()
    {
        string restored = File.ReadAllText(Path.Combine(Repository.Root, "artifacts", "obj", "Shared", "project.assets.json"));

        string[] packages = [.. JsonElement.Parse(restored).GetProperty("libraries").EnumerateObject().Select(package => package.Name)];

        Assert.Contains(packages, name => name.StartsWith("AWSSDK.Core/", StringComparison.Ordinal));
        Assert.DoesNotContain(packages, name => name.StartsWith("Amazon.Lambda.", StringComparison.Ordinal));
    }
}
