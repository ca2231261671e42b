using Photos.Local.Template;
using Tomlyn.Model;

namespace Photos.Tests.Template;

/// <summary><c>samconfig.toml</c> sets parameters that the template declares.</summary>
public class SamConfigTests
{
    private static readonly TemplateNode s_parameters = TemplateSource.Read()["Parameters"];

    [Theory]
    [InlineData("default", "dev")]
    [InlineData("dev", "dev")]
    [InlineData("prod", "prod")]
    public void EachStageDeploysItself(string environment, string stage)
    {
        Dictionary<string, string> overrides = SamConfig.Overrides(environment).Select(one => one.Split('=', 2)).ToDictionary(one => one[0], one => one[1]);

        Assert.Equal(stage, overrides["Stage"]);
        Assert.Equal($"photos-{stage}", SamConfig.Of(environment, "deploy")["stack_name"]);
        Assert.All(overrides, one =>
        {
            Assert.True(s_parameters[one.Key].Exists, $"The template has no parameter {one.Key}.");
            if (s_parameters[one.Key]["AllowedValues"].Exists)
            {
                Assert.Contains(one.Value, s_parameters[one.Key]["AllowedValues"].Items().Select(value => value.Text()));
            }
        });
    }

    /// <summary>SAM names an artifact by its content, and <c>sam delete</c> deletes those of the stack.</summary>
    [Theory]
    [InlineData("default", "photos-dev")]
    [InlineData("dev", "photos-dev")]
    [InlineData("prod", "photos-prod")]
    public void NoStageSharesItsArtifacts(string environment, string prefix) =>
        Assert.Equal(prefix, SamConfig.Of(environment, "deploy")["s3_prefix"]);

    [Fact]
    public void ProductionOverridesWhatProductionNeeds() => Assert.Equal(
        ["LogRetentionDays=365", "RequestBurst=2500", "RequestsPerSecond=5000", "RollOut=Canary10Percent10Minutes", "Stage=prod"],
        SamConfig.Overrides("prod").Except(SamConfig.Overrides("dev")).Order(StringComparer.Ordinal));

    [Fact]
    public void TheDefaultEnvironmentIsTheDevelopmentStage() => Assert.Equal(SamConfig.Overrides("dev"), SamConfig.Overrides("default"));

    /// <summary>SAM never finds a makefile build in its cache, so <c>cached</c> would only cost time.</summary>
    [Fact]
    public void BuildsAreInPlaceAndParallel() =>
        Assert.Equal(["build_in_source", "parallel"], SamConfig.Of("default", "build").Keys.Order(StringComparer.Ordinal));

    /// <summary>When <c>sam build</c> fails, it leaves no template. Then SAM would deploy <c>template.yaml</c>, with the whole folder as
    /// the code of each function.</summary>
    [Theory]
    [InlineData("default")]
    [InlineData("dev")]
    [InlineData("prod")]
    public void OnlyWhatSamBuildBuiltIsDeployed(string environment) =>
        Assert.Equal(".aws-sam/build/template.yaml", SamConfig.Of(environment, "deploy")["template_file"]);

    /// <summary>SAM keeps the value of a parameter that is not listed, so a deleted line would take nothing back.</summary>
    [Theory]
    [InlineData("default")]
    [InlineData("dev")]
    [InlineData("prod")]
    public void EveryStageListsEveryParameter(string environment)
    {
        var overrides = (TomlArray)SamConfig.Of(environment, "deploy")["parameter_overrides"];

        Assert.Equal(s_parameters.Entries().Select(parameter => parameter.Key), overrides.Cast<string>().Select(one => one.Split('=')[0]));
        Assert.All(overrides.Cast<string>(), one => Assert.False(one.EndsWith('='), $"sam deploy refuses {one}. Write {one}\"\"."));
    }

    [Fact]
    public void EveryParameterHasADefault() => Assert.All(
        s_parameters.Entries(),
        parameter => Assert.True(parameter.Value["Default"].IsText, $"{parameter.Key} has no default."));
}
