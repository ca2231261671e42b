using Photos.Local.Template;

namespace Photos.Tests.Template;

/// <summary>Test classes that run in parallel share a template.</summary>
public class ParallelReadTests
{
    private const int Reads = 20_000;

    private const string Shared = """
        Parameters:
          Stage: { Type: String, Default: dev }
        Conditions:
          IsProd: !Equals [!Ref Stage, prod]
          IsDev: !Not [!Condition IsProd]
        Resources:
          Table:
            Type: AWS::DynamoDB::Table
            Properties: { TableName: !If [IsDev, devPhotoUsers, photoUsers] }
        """;

    [Fact]
    public void ManyThreadsCanReadOneTemplate()
    {
        TemplateNode template = TemplateSource.Read(Shared, []);

        string[] names = new string[Reads];
        Parallel.For(0, Reads, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => names[i] = template.NameOf("Table"));

        Assert.All(names, name => Assert.Equal("devPhotoUsers", name));
    }
}
