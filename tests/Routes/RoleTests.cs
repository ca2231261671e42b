using Photos.Local.Template;
using Photos.Tests.Template;

namespace Photos.Tests.Routes;

/// <summary>Each function's role in <c>template.yaml</c>, checked against the requests that the function was observed to send.</summary>
public sealed class RoleTests
{
    /// <summary>
    /// The previous release's requests count too: see <see cref="Permissions.OfPreviousRelease"/>. A warm-up needs no permission of its own: a refusal opens the connection too, and
    /// <see cref="WarmUpTests.TheFirstCallOpensNoConnection"/> shows that it is enough.
    /// </summary>
    [Theory]
    [MemberData(nameof(ExampleRequest.AllFunctions), MemberType = typeof(ExampleRequest))]
    public async Task ARoleAllowsWhatItsFunctionRequestsAndNothingElse(string function)
    {
        Dictionary<string, string> needed = await Permissions.OfAsync(function);
        DeployedStack.Check([], stack =>
        {
            TemplateNode role = stack[$"{function}Role"];
            List<string> allowed =
            [
                .. from policy in role["Policies"].Items()
                   from statement in policy["PolicyDocument"]["Statement"].Items()
                   from action in Texts(statement["Action"])
                   from resource in Texts(statement["Resource"])
                   let condition = statement["Condition"].Exists ? " " + statement["Condition"].Json()!.ToJsonString() : ""
                   select statement["Effect"].Text() == "Allow" ? $"{action} {resource}{condition}" : "a statement that is not an Allow",
            ];

            string[] problems =
            [
                .. needed.Where(one => !allowed.Contains(one.Key)).Select(one => $"lacks {one.Key}, which {one.Value} needs. Add it to the function's Policies."),
                .. allowed.Where(one => !needed.ContainsKey(one)).Select(one => $"allows {one}, which none of its requests needs. Remove it from the function's Policies."),
                .. allowed.GroupBy(one => one).Where(one => one.Count() > 1).Select(one => $"allows {one.Key} twice. Remove one of them."),
            ];
            Assert.True(problems.Length == 0, string.Join('\n', problems.Select(problem => $"template.yaml: the role of {function} {problem}")));
            Assert.Equal(
                ["service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"],
                role["ManagedPolicyArns"].Items().Select(arn => arn.Text().Split(":policy/")[1]));
            Assert.Equal($$"""{"Fn::GetAtt": ["{{function}}Role", "Arn"]}""", stack.Raw(function).GetProperty("Properties").GetProperty("Role").GetRawText());
        });
    }

    private static IEnumerable<string> Texts(TemplateNode oneOrMore) => oneOrMore.IsText ? [oneOrMore.Text()] : oneOrMore.Items().Select(item => item.Text());
}
