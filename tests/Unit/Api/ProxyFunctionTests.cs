using System.Text;
using System.Text.Json.Nodes;
using Photos.Album;
using Photos.Api;
using Photos.Runtime;
using Photos.Tests.Unit.Functions;

namespace Photos.Tests.Unit.Api;

public class ProxyFunctionTests
{
    [Theory]
    [InlineData("", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("null", "The event is not a JSON object.")]
    [InlineData("[]", "The event is not a JSON object.")]
    [InlineData("\"text\"", "The event is not a JSON object.")]
    [InlineData("{", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("{}", "The event is without resource or requestContext.")]
    [InlineData("""{"resource":"/photos"}""", "The event is without resource or requestContext.")]
    [InlineData("""{"resource":"/photos","requestContext":null}""", "The event is without resource or requestContext.")]
    [InlineData("""{"resource":1}""", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("""{"resource":"/photos","requestContext":{},"body":{}}""", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("""{"resource":"/photos","requestContext":{"requestId":1}}""", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("""{"resource":"/photos","requestContext":{},"isBase64Encoded":"false"}""", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("""{"resource":"/photos","requestContext":{"authorizer":{"claims":"none"}}}""", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("""{"\ud800":1}""", "The event is without resource or requestContext.")]
    [InlineData("""{"resource":"/photos","requestContext":{},"pathParameters":{"\ud800":"a"}}""", "The event is not valid JSON, or a field has the wrong type.")]
    [InlineData("""{"resource":"/photos","requestContext":{},"queryStringParameters":{"\udc00":"a"}}""", "The event is not valid JSON, or a field has the wrong type.")]

    // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    [InlineData("""{"version":"2.0","routeKey":"GET /photos","rawPath":"/photos","requestContext":{"http":{"method":"GET"}}}""", "The event is an HTTP API or function URL event of version 2.0.")]

    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    [InlineData("""{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/photos","queryStringParameters":{},"body":"","isBase64Encoded":false}""", "The event is an Application Load Balancer event.")]

    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
    [InlineData("""{"version":"0","id":"1","detail-type":"Scheduled Event","source":"aws.events","resources":[],"detail":{}}""", "The event is an EventBridge event.")]
    [InlineData("""{"Records":[]}""", "The event is a batch of records.")]
    public void AnInvalidProxyEventIsRefusedBeforeTheHandler(string payload, string message)
    {
        FunctionResponse response = Invoke.Handle(
            (_, _) => throw new InvalidOperationException("The handler was called."), Encoding.UTF8.GetBytes(payload));

        response.AssertError(400, "InvalidEvent", message);
        Assert.EndsWith(" The functions take API Gateway REST proxy events. Call them through their API.", response.Json.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("\"level\":\"WARN\"", response.Log, StringComparison.Ordinal);
    }

    /// <summary>HTTP APIs can send this format too: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html</summary>
    [Fact]
    public void AnHttpApiEventOfVersion1IsHandled()
    {
        const string Payload = """{"version":"1.0","resource":"/photos","path":"/photos","requestContext":{"authorizer":{"claims":{"sub":"alice"}}},"isBase64Encoded":null}""";

        Assert.Equal(204, Invoke.Handle((request, _) => request.User.Value == "alice" ? ProxyResponse.NoContent : throw new InvalidOperationException(), Encoding.UTF8.GetBytes(Payload)).Status);
    }

    /// <summary>API Gateway delivers <c>?next=&amp;limit=</c> as empty values.</summary>
    [Fact]
    public void AnEmptyQueryParameterCountsAsAbsent()
    {
        const string Payload = """{"resource":"/photos","requestContext":{},"queryStringParameters":{"next":"","limit":""}}""";

        Invoke.Handle(
            (request, _) =>
            {
                Assert.Null(request.QueryParameter("next"));
                Assert.Equal(7, request.QueryNumber("limit", 1, 100, absent: 7));
                return ProxyResponse.NoContent;
            },
            Encoding.UTF8.GetBytes(Payload));
    }

    [Theory]
    [InlineData("\ufeff{\"id\":\"a\"}", false)]
    [InlineData("77u/eyJpZCI6ImEifQ==", true)]
    public void AByteOrderMarkBeforeABodyIsIgnored(string body, bool isBase64)
    {
        JsonObject proxyEvent = Invoke.Event("POST", "/photos");
        proxyEvent["body"] = body;
        proxyEvent["isBase64Encoded"] = isBase64;

        string? id = null;
        Invoke.Handle(
            (request, _) =>
            {
                id = request.ReadBody(fields => JsonFields.Text(fields, "id"));
                return ProxyResponse.NoContent;
            },
            proxyEvent);

        Assert.Equal("a", id);
    }

    /// <summary>What a client reports leads to the line of the log.</summary>
    [Fact]
    public void TheLogHasTheIdsThatTheClientSees()
    {
        JsonObject proxyEvent = Invoke.Event("GET", "/photos");
        proxyEvent["requestContext"]!["requestId"] = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef";
        proxyEvent["requestContext"]!["extendedRequestId"] = "JKJaXmPLvHcESHA=";

        FunctionResponse response = Invoke.Handle((_, _) => throw new InvalidOperationException("Broken."), proxyEvent);

        response.AssertError(500, "InternalError", "An internal error occurred.");
        Assert.Contains("\"apiRequestId\":\"c6af9ac6-7b61-11e6-9a41-93e8deadbeef\",\"apiExtendedRequestId\":\"JKJaXmPLvHcESHA=\"", response.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\u00ff\u00fe}")]
    [InlineData("{\"resource\":\"\u00ff\"}")]
    [InlineData("{\"resource\":\"/photos\",\"requestContext\":{},\"queryStringParameters\":{\"n\u00e5xt\":\"a\"}}")]
    public void InvalidUtf8IsRefused(string latin1) =>
        Invoke.Handle((_, _) => throw new InvalidOperationException("The handler was called."), Encoding.Latin1.GetBytes(latin1))
            .AssertError(400, "InvalidEvent", "The event is not valid JSON, or a field has the wrong type.");

    [Theory]
    [InlineData("""{"headers":t"Authorization":"Bearer SECRET"}}""", "line 0, byte 12")]
    [InlineData("""{"headers":{"Authorization":n"Bearer SECRET"}}""", "line 0, byte 29")]
    [InlineData("""{"resource":"/photos","requestContext":{},"body":{"password":"SECRET"}}""", "body")]
    public void TheLogOfAnInvalidProxyEventHasOnlyThePosition(string payload, string place)
    {
        string log = Invoke.Handle((_, _) => ProxyResponse.NoContent, Encoding.UTF8.GetBytes(payload)).Log;

        Assert.Contains($"The event is not valid at {place}.", log, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", log, StringComparison.Ordinal);
    }

    /// <summary>Only <c>sam local</c> sets the variable, and only its exact value counts.</summary>
    [Theory]
    [InlineData("true", "dev-user", """{"resource":"/photos","requestContext":{}}""", "dev-user")]
    [InlineData("true", "dev-user", """{"resource":"/photos","requestContext":{"authorizer":null}}""", "dev-user")]
    [InlineData("true", "dev-user", """{"resource":"/photos","requestContext":{"authorizer":{"claims":{"sub":"alice"}}}}""", "alice")]
    [InlineData("true", "dev-user", """{"resource":"/photos","requestContext":{"authorizer":{"claims":{}}}}""", null)]
    [InlineData("true", "../bob", """{"resource":"/photos","requestContext":{}}""", null)]
    [InlineData("true", "", """{"resource":"/photos","requestContext":{}}""", null)]
    [InlineData("", "dev-user", """{"resource":"/photos","requestContext":{}}""", null)]
    [InlineData("false", "dev-user", """{"resource":"/photos","requestContext":{}}""", null)]
    [InlineData("1", "dev-user", """{"resource":"/photos","requestContext":{}}""", null)]
    [InlineData("True", "dev-user", """{"resource":"/photos","requestContext":{}}""", null)]
    [InlineData("false", "dev-user", """{"resource":"/photos","requestContext":{"authorizer":{"claims":{"sub":"alice"}}}}""", "alice")]
    public void OnlySamLocalHasADevelopmentUser(string samLocal, string developmentUser, string payload, string? user)
    {
        string? seen = null;
        FunctionResponse response = Invoke.Handle(
            (request, _) =>
            {
                seen = request.User.Value;
                return ProxyResponse.NoContent;
            },
            Encoding.UTF8.GetBytes(payload),
            ("AWS_SAM_LOCAL", samLocal),
            ("PHOTOS_DEVELOPMENT_USER", developmentUser));

        Assert.Equal(user, seen);
        Assert.Equal(user is null ? 401 : 204, response.Status);
    }

    [Fact]
    public void AQuoteInTheBodyTakesTwoBytesInTheEnvelope()
    {
        var output = new ResponseBuffer();

        ErrorResponse.For(new PhotoException(PhotoFault.NotFound, "a \"b\" <c> é")).WriteTo(output, "*");

        Assert.Equal(
            """{"statusCode":404,"headers":{"Access-Control-Allow-Origin":"*","Access-Control-Expose-Headers":"Retry-After,x-amzn-RequestId,x-amz-apigw-id","Cache-Control":"no-store","Content-Type":"application/json"},"isBase64Encoded":false,"body":"{\"message\":\"a \\\"b\\\" <c> é\",\"code\":\"PhotoNotFound\"}"}""",
            Encoding.UTF8.GetString(output.Written.Span));
    }

    [Fact]
    public void AResponseThatCannotBeWrittenBecomesAnError()
    {
        FunctionResponse response = Invoke.Handle(
            (_, _) => ProxyResponse.Json(200, 1, (json, value) =>
            {
                json.WriteNumberValue(value);
                json.Flush();
                throw new InvalidOperationException("The value cannot be written.");
            }),
            Invoke.Event("GET", "/photos"));

        Assert.Equal(500, response.Status);
        Assert.Equal("InternalError", response.Json.GetProperty("code").GetString());
        Assert.Contains("The value cannot be written.", response.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFaultHasAResponse()
    {
        foreach (PhotoFault fault in Enum.GetValues<PhotoFault>())
        {
            Assert.InRange(ErrorResponse.For(new PhotoException(fault, "message")).StatusCode, 400, 503);
        }
    }
}
