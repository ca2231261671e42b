using Amazon.Runtime.Internal;
using Photos.Aws;

namespace Photos.Tests.Unit.Aws;

/// <summary>The functions retry what the SDK retries.</summary>
public sealed class TransientErrorsTests
{
    private static readonly StandardRetryPolicy s_sdk = new(maxRetries: 2);

    public static TheoryData<string> Codes { get; } =
        new(s_sdk.ThrottlingErrorCodes.Concat(s_sdk.ErrorCodesToRetryOn).Concat(s_sdk.TimeoutErrorCodesToRetryOn).Distinct());

    [Theory]
    [MemberData(nameof(Codes))]
    public void EveryCodeThatTheSdkRetriesIsTransient(string code) => Assert.True(TransientErrors.Include(400, code));

    [Fact]
    public void TheStatusesThatTheSdkRetriesAreTransient()
    {
        int[] ours = [.. Enumerable.Range(300, 300).Where(status => TransientErrors.Include(status, code: null))];

        // In addition: throttling, and a conflict as the response to HEAD, which has no body with a code.
        Assert.Equal(s_sdk.HttpStatusCodesToRetryOn.Select(status => (int)status).Append(409).Append(429).Order(), ours);
    }

    [Fact]
    public void TheCodesThatTheSdkTakesForClockSkewAreTakenSo()
    {
        string[] codes = ["RequestTimeTooSkewed", "RequestExpired", "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "RequestInTheFuture"];

        Assert.All(codes, code =>
        {
            Assert.True(TransientErrors.MayBeClockSkew(403, code));
            Assert.True(TransientErrors.MayBeClockSkew(400, code));
            Assert.False(TransientErrors.MayBeClockSkew(404, code));
        });
        Assert.False(TransientErrors.MayBeClockSkew(400, "ConditionalCheckFailedException"));
    }
}
