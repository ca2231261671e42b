using Photos.Album;
using Photos.Aws;

namespace Photos.Tests.Unit.Album;

public class StorageFaultTests
{
    public static TheoryData<Exception, bool> Faults => new()
    {
        { Answer(400, "ProvisionedThroughputExceededException"), true },
        { Answer(400, "ThrottlingException"), true },
        { Answer(400, "RequestTimeout"), true },
        { Answer(400, "ExpiredTokenException"), true },
        { Answer(400, "ExpiredToken"), true },
        { Answer(400, null), true },
        { Answer(429, null), true },
        { Answer(500, "InternalServerError"), true },
        { Answer(503, "SlowDown"), true },
        { Answer(503, null), true },
        { Answer(400, "ValidationException"), false },
        { Answer(400, "ResourceNotFoundException"), false },
        { Answer(400, "AccessDeniedException"), false },
        { Answer(403, "AccessDenied"), false },
        { Answer(403, null), false },
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

    private static AwsException Answer(int status, string? code) => new(status, code, "what it said");
}
