using System.Text.Json;
using Photos.Local.Template;
using Photos.Tests.EndToEnd.Fuzz;
using Photos.Tests.RuntimeContract;

namespace Photos.Tests.Template;

/// <summary><c>sam local start-api</c> sets the variables of <c>local/sam-env.json</c> that the template declares, and passes no
/// claims.</summary>
public class SamLocalTests
{
    private static readonly Dictionary<string, string> s_variables =
        JsonElement.Parse(File.ReadAllText(Path.Combine(Repository.Root, "local", "sam-env.json"))).GetProperty("Parameters")
            .Deserialize<Dictionary<string, string>>()!;

    [Fact]
    public void TheTemplateDeclaresEveryVariable() => DeployedStack.Check([], stack => Assert.All(
        stack.OfType("AWS::Lambda::Function"),
        function =>
        {
            JsonElement declared = stack.Raw(function).GetProperty("Properties").GetProperty("Environment").GetProperty("Variables");
            Assert.All(s_variables.Keys, variable => Assert.True(declared.TryGetProperty(variable, out _), $"{function} does not declare {variable}."));
        }));

    [Theory]
    [InlineData("ListPhotos")]
    [InlineData("DeletePhoto")]
    [InlineData("SweepPhoto")]
    [InlineData("WritePhoto", "MAX_PHOTO_BYTES")]
    public void InAwsTheseVariablesAreUnset(string function, params string[] more) => DeployedStack.Check(SamConfig.Overrides("prod"), stack => Assert.Equal(
        ((string[])["ALLOWED_ORIGIN", "DNS_SUFFIX", "PHOTOS_ROOTS", "PHOTO_BUCKET", "PHOTO_TABLE", "RES_OPTIONS"]).Concat(more).Order(StringComparer.Ordinal),
        stack[function]["Environment"]["Variables"].Entries().Where(variable => variable.Value.Exists).Select(variable => variable.Key).Order(StringComparer.Ordinal)));

    [Fact]
    public void TheTableAndTheBucketAreTheLocalHosts()
    {
        StackDefinition stack = TemplateReader.Read(Repository.Template, "us-east-1");

        Assert.Equal(stack.Table.Name, s_variables["PHOTO_TABLE"]);
        Assert.Equal(stack.Bucket.Name, s_variables["PHOTO_BUCKET"]);
        Assert.Equal("us-east-1", SamConfig.Of("default", "local_start_api")["region"]);
        Assert.Equal("local/sam-env.json", SamConfig.Of("default", "local_start_api")["env_vars"]);
    }

    /// <summary>SAM looks for <c>samconfig.toml</c> in the folder of a template that is given on the command line. It would not find the
    /// port and the variables.</summary>
    [Fact]
    public void SamLocalReadsItsSettingsAndRunsWhatReadmeBuilds()
    {
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        Assert.Contains(" sam build --build-dir .aws-sam/local/build --parameter-overrides Architecture=$processor\n", readme, StringComparison.Ordinal);
        Assert.Contains(" sam local start-api --parameter-overrides Architecture=$processor\n", readme, StringComparison.Ordinal);
        Assert.Equal(".aws-sam/local/build/template.yaml", SamConfig.Of("default", "local_start_api")["template_file"]);
    }

    [Theory]
    [InlineData("true", 201)]
    [InlineData("false", 401)]
    [InlineData(null, 401)]
    public void TheDevelopmentUserIsRefusedOutsideSamLocal(string? samLocal, int status)
    {
        using var storage = new StorageStandIn();
        storage.RespondWith(StandInResponses.To);
        JsonElement response = PublishedFunction.Invoke(
            "WritePhoto",
            [Path.Combine(Repository.Functions, "WritePhoto", "bootstrap")],
            """
            {"resource":"/photos/uploads","httpMethod":"POST","body":"{\"name\":\"a.png\",\"contentType\":\"image/png\",\"size\":1}",
            "isBase64Encoded":false,"pathParameters":null,"queryStringParameters":null,"requestContext":{"stage":"dev","identity":{"sourceIp":"127.0.0.1"}}}
            """,
            [
                .. s_variables.Select(variable => (variable.Key, (string?)variable.Value)),
                ("AWS_ENDPOINT_URL_DYNAMODB", storage.Address),
                ("AWS_SAM_LOCAL", samLocal),
            ]);

        Assert.Equal(status, response.GetProperty("statusCode").GetInt32());
        Assert.Equal(status == 201, response.GetProperty("body").GetString()!.Contains("/private/alice/", StringComparison.Ordinal));
    }
}
