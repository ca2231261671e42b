using Photos.Album;
using Photos.Aws;

namespace Photos.Tests.Unit.Album;

public class StorageFaultTests
{
    public static TheoryData<Exception, bool> Faults => new()
    {
        { Refusal(400, "ProvisionedThroughputExceededException"), true },
        { Refusal(400, "ThrottlingException"), true },
        { Refusal(400, "RequestTimeout"), true },
        { Refusal(400, "ExpiredTokenException"), true },
        { Refusal(400, "ExpiredToken"), true },
        { Refusal(400, null), true },
        { Refusal(429, null), true },
        { Refusal(500, "InternalServerError"), true },
        { Refusal(503, "SlowDown"), true },
        { Refusal(503, null), true },
        { Refusal(409, "OperationAborted"), true },
        { Refusal(409, null), true },
        { Refusal(409, "BucketNotEmpty"), false },
        { Refusal(501, "NotImplemented"), false },
        { Refusal(404, "NoSuchBucket"), false },
        { Refusal(400, "ValidationException"), false },
        { Refusal(400, "ResourceNotFoundException"), false },
        { Refusal(400, "AccessDeniedException"), false },
        { Refusal(403, "AccessDenied"), false },
        { Refusal(403, null), false },
        { new TaskCanceledException("deadline"), true },
        { new OperationCanceledException("deadline"), true },
        { new IOException("reset"), true },
        { new EndOfStreamException("closed"), true },
        { new System.Security.Authentication.AuthenticationException("another server"), false },
        { new InvalidOperationException("our bug"), false },
        { new KeyNotFoundException("name"), false },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void OnlyTransientFaultsBecomeStorageUnavailable(Exception fault, bool passes)
    {
        PhotoException? refusal = StorageFault.From(fault);

        Assert.Equal(passes, refusal is not null);
        if (refusal is not null)
        {
            Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
            Assert.Same(fault, refusal.InnerException);
            Assert.DoesNotContain(fault.Message, refusal.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Right after a deployment, the services may not know the role yet.</summary>
    [Theory]
    [InlineData(400, "AccessDeniedException")]
    [InlineData(400, "UnrecognizedClientException")]
    [InlineData(403, "AccessDenied")]
    [InlineData(403, "InvalidAccessKeyId")]
    [InlineData(403, null)]
    public void ARefusedRoleIsTransientOnlyInANewProcess(int status, string? code)
    {
        Assert.NotNull(StorageFault.From(new AwsException(status, code, "no", isNew: true)));
        Assert.Null(StorageFault.From(new AwsException(status, code, "no", isNew: false)));
    }

    private static AwsException Refusal(int status, string? code) => new(status, code, "what it said");
}
