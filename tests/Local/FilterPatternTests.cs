using System.Text.Json.Nodes;
using Photos.Local;
using Photos.Local.Lambda;
using Photos.Local.Template;

namespace Photos.Tests.Local;

/// <summary>https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html</summary>
public sealed class FilterPatternTests
{
    private const string Record = """
        {
          "eventName": "MODIFY",
          "count": 5,
          "price": 1.50,
          "none": null,
          "empty": "",
          "flag": true,
          "tags": ["a", "b"],
          "dynamodb": { "NewImage": { "state": { "S": "deleted" } } }
        }
        """;

    [Theory]
    [InlineData("""{"eventName":["MODIFY"]}""", true)]
    [InlineData("""{"eventName":["INSERT"]}""", false)]
    [InlineData("""{"eventName":["INSERT","MODIFY"]}""", true)]
    [InlineData("""{"eventName":["modify"]}""", false)]
    [InlineData("""{"eventName":["MODIFY"],"count":[5]}""", true)]
    [InlineData("""{"eventName":["MODIFY"],"count":[6]}""", false)]
    [InlineData("""{"count":["5"]}""", false)]
    [InlineData("""{"flag":[true]}""", true)]
    [InlineData("""{"flag":[false]}""", false)]
    [InlineData("""{"none":[null]}""", true)]
    [InlineData("""{"eventName":[null]}""", false)]
    [InlineData("""{"missing":[null]}""", false)]
    [InlineData("""{"empty":[""]}""", true)]
    [InlineData("""{"tags":["b"]}""", true)]
    [InlineData("""{"tags":["c"]}""", false)]
    [InlineData("""{"dynamodb":{"NewImage":{"state":{"S":["deleted"]}}}}""", true)]
    [InlineData("""{"dynamodb":{"NewImage":{"state":{"S":["granted"]}}}}""", false)]
    [InlineData("""{"dynamodb":{"OldImage":{"state":{"S":["deleted"]}}}}""", false)]
    [InlineData("""{"eventName":{"S":["MODIFY"]}}""", false)]
    [InlineData("""{"eventName":[{"prefix":"MOD"}]}""", true)]
    [InlineData("""{"eventName":[{"prefix":"mod"}]}""", false)]
    [InlineData("""{"count":[{"prefix":"5"}]}""", false)]
    [InlineData("""{"eventName":[{"suffix":"IFY"}]}""", true)]
    [InlineData("""{"eventName":[{"suffix":"MOD"}]}""", false)]
    [InlineData("""{"eventName":[{"equals-ignore-case":"modify"}]}""", true)]
    [InlineData("""{"eventName":[{"equals-ignore-case":"insert"}]}""", false)]
    [InlineData("""{"eventName":[{"anything-but":"INSERT"}]}""", true)]
    [InlineData("""{"eventName":[{"anything-but":["INSERT","MODIFY"]}]}""", false)]
    [InlineData("""{"missing":[{"anything-but":["INSERT"]}]}""", false)]
    [InlineData("""{"eventName":[{"exists":true}]}""", true)]
    [InlineData("""{"eventName":[{"exists":false}]}""", false)]
    [InlineData("""{"missing":[{"exists":true}]}""", false)]
    [InlineData("""{"missing":[{"exists":false}]}""", true)]
    [InlineData("""{"none":[{"exists":true}]}""", true)]
    [InlineData("""{"dynamodb":{"OldImage":{"state":{"S":[{"exists":false}]}}}}""", true)]
    [InlineData("""{"dynamodb":{"NewImage":{"state":[{"exists":true}]}}}""", false)]
    [InlineData("""{"count":[{"numeric":["=",5]}]}""", true)]
    [InlineData("""{"count":[{"numeric":["=",5.0]}]}""", true)]
    [InlineData("""{"count":[{"numeric":[">",5]}]}""", false)]
    [InlineData("""{"count":[{"numeric":[">=",5,"<",6]}]}""", true)]
    [InlineData("""{"count":[{"numeric":["<=",4]}]}""", false)]
    [InlineData("""{"price":[{"numeric":[">",1.4,"<=",1.5]}]}""", true)]
    [InlineData("""{"eventName":[{"numeric":["=",5]}]}""", false)]
    [InlineData("""{"$or":[{"eventName":["INSERT"]},{"count":[5]}]}""", true)]
    [InlineData("""{"$or":[{"eventName":["INSERT"]},{"count":[6]}]}""", false)]
    [InlineData("""{"flag":[true],"$or":[{"count":[5]}]}""", true)]
    [InlineData("""{"flag":[false],"$or":[{"count":[5]}]}""", false)]
    public void ARecordMatchesAsInLambda(string pattern, bool matches) =>
        Assert.Equal(matches, FilterPattern.Parse(pattern).Matches((JsonObject)JsonNode.Parse(Record)!));

    [Theory]
    [InlineData("{", "The filter pattern { of an event source mapping is not valid: ")]
    [InlineData("[]", "it must be a JSON object")]
    [InlineData("{}", "it has an empty object")]
    [InlineData("""{"a":{}}""", "it has an empty object")]
    [InlineData("""{"a":[]}""", "a must have a list of values and rules")]
    [InlineData("""{"a":"b"}""", "a must have a list of values and rules")]
    [InlineData("""{"a":null}""", "a must have a list of values and rules")]
    [InlineData("""{"a":[["b"]]}""", "a list must not contain a list")]
    [InlineData("""{"a":[{"wildcard":"*"}]}""", "Lambda has no operator wildcard")]
    [InlineData("""{"a":[{"prefix":"a","suffix":"b"}]}""", "a rule must have exactly one operator")]
    [InlineData("""{"a":[{"prefix":1}]}""", "prefix must have a string")]
    [InlineData("""{"a":[{"exists":"true"}]}""", "exists must be true or false")]
    [InlineData("""{"a":[{"anything-but":[]}]}""", "anything-but must have a value or a list of values")]
    [InlineData("""{"a":[{"anything-but":{"prefix":"a"}}]}""", "anything-but must have a value or a list of values")]
    [InlineData("""{"a":[{"numeric":[">"]}]}""", "numeric must have one or two operators")]
    [InlineData("""{"a":[{"numeric":["!=",1]}]}""", "numeric must have one or two operators")]
    [InlineData("""{"a":[{"numeric":[">","1"]}]}""", "numeric must have one or two operators")]
    [InlineData("""{"$or":[]}""", "$or must have a list of patterns")]
    [InlineData("""{"$or":[["a"]]}""", "$or must have a list of patterns")]
    public void AnInvalidPatternIsReported(string pattern, string reason)
    {
        string message = Assert.Throws<LocalHostException>(() => FilterPattern.Parse(pattern)).Message;

        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.EndsWith("Correct it in the template.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"eventName":"MODIFY","dynamodb":{"OldImage":{"name":{"S":"a"}},"NewImage":{"state":{"S":"deleted"}}}}""", true)]
    [InlineData("""{"eventName":"MODIFY","dynamodb":{"OldImage":{"state":{"S":"granted"}},"NewImage":{"name":{"S":"a"}}}}""", false)]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"NewImage":{"state":{"S":"granted"}}}}""", false)]
    [InlineData("""{"eventName":"REMOVE","dynamodb":{"OldImage":{"state":{"S":"granted"}}},"userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"}}""", true)]
    [InlineData("""{"eventName":"REMOVE","dynamodb":{"OldImage":{"name":{"S":"a"}}}}""", false)]
    public void TheDeployedPatternsMatchWhatSweepPhotoHandles(string record, bool matches)
    {
        Assert.Equal(matches, MatchesFiltersOf("SweepPhoto", record));
    }

    [Theory]
    [InlineData("""{"eventName":"MODIFY","dynamodb":{"OldImage":{"state":{"S":"granted"}},"NewImage":{"name":{"S":"a"}}}}""", true)]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"NewImage":{"name":{"S":"a"}}}}""", true)]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"NewImage":{"name":{"S":"a"},"rendered":{"S":"ready"}}}}""", false)]
    [InlineData("""{"eventName":"INSERT","dynamodb":{"NewImage":{"state":{"S":"granted"}}}}""", false)]
    [InlineData("""{"eventName":"MODIFY","dynamodb":{"OldImage":{"name":{"S":"a"}},"NewImage":{"name":{"S":"a"},"rendered":{"S":"ready"}}}}""", false)]
    [InlineData("""{"eventName":"MODIFY","dynamodb":{"OldImage":{"name":{"S":"a"}},"NewImage":{"name":{"S":"b"}}}}""", false)]
    [InlineData("""{"eventName":"MODIFY","dynamodb":{"OldImage":{"state":{"S":"granted"}},"NewImage":{"state":{"S":"deleted"}}}}""", false)]
    [InlineData("""{"eventName":"REMOVE","dynamodb":{"OldImage":{"name":{"S":"a"}}},"userIdentity":{"principalId":"dynamodb.amazonaws.com","type":"Service"}}""", false)]
    public void TheDeployedPatternsMatchWhatRenderPhotoHandles(string record, bool matches) =>
        Assert.Equal(matches, MatchesFiltersOf("RenderPhoto", record));

    private static bool MatchesFiltersOf(string function, string record) => TestGateway.Stack.EventSources
        .Single(source => source.Function == function)
        .Filters.Any(filter => FilterPattern.Parse(filter).Matches((JsonObject)JsonNode.Parse(record)!));
}
